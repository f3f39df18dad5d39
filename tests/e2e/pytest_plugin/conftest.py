"""A suite in a directory of its own, run by a pytest of its own."""

import json
from collections.abc import Callable
from typing import Any

import pytest

Run = Callable[..., pytest.RunResult]


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch, pytester: pytest.Pytester) -> None:
    """What the outer pytest and its CI say is not the inner one's business; its settings are told it."""
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    for name in ("PYTEST_XDIST_WORKER", "PYTEST_ADDOPTS", "CI", "FORCE_COLOR", "COLUMNS", "PYTHONWARNINGS"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def run(pytester: pytest.Pytester) -> Run:
    """Run the suite in the directory of the test with some arguments."""

    def run(*arguments: str) -> pytest.RunResult:
        return pytester.runpytest_subprocess("-p", "no:cacheprovider", *arguments, timeout=120)

    return run


@pytest.fixture
def report(run: Run, pytester: pytest.Pytester) -> Callable[..., dict[str, Any]]:
    """The JSON report of a run."""

    def report(*arguments: str) -> dict[str, Any]:
        run("--iobound-report", "json:suite.json", *arguments)
        found: dict[str, Any] = json.loads((pytester.path / "suite.json").read_text(encoding="utf-8"))
        return found

    return report
