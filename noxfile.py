"""The project's habits as commands: `nox -s check`, `test`, `bench`, `docs`."""

import nox

nox.options.sessions = ["check", "test"]
nox.options.default_venv_backend = "venv"


@nox.session
def check(session: nox.Session) -> None:
    """Lint, types and import contracts."""
    session.install("-e", ".[dev]")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("mypy")
    session.run("lint-imports", "--no-cache")


@nox.session(python=["3.11", "3.12", "3.13", "3.14", "3.15"])
def test(session: nox.Session) -> None:
    """All tests on every supported interpreter that is installed."""
    session.install("-e", ".[test]")
    session.run("python", "-m", "pytest", "-n", "auto", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """Overhead and accuracy; takes a while and wants a quiet machine."""
    session.install(".")
    session.run("python", "benchmarks/accuracy.py")
    session.run("python", "benchmarks/overhead.py", *session.posargs)


@nox.session
def docs(session: nox.Session) -> None:
    """Check that the documents name every command, format and state, and that their commands are the real ones."""
    session.install("-e", ".[test]")
    session.run("python", "-m", "pytest", "tests/house")
