"""Real programs to look at, and the interpreters to run them by."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

PATIENCE_S = 20


def installed_interpreters() -> list[str]:
    """Every supported CPython that starts here, this one first; one of each version and way to link it."""
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
    candidates = [sys.executable, *map(str, sorted(root.glob("3.1[1-5]*/bin/python3")))]
    candidates += filter(
        None, (shutil.which(f"python3.{minor}", path="/usr/bin:/usr/local/bin") for minor in range(11, 16))
    )
    found: dict[str, str] = {}
    for candidate in candidates:
        code = "import sys, sysconfig; print(sys.version, sysconfig.get_config_var('Py_ENABLE_SHARED'))"
        done = subprocess.run([candidate, "-I", "-S", "-c", code], capture_output=True, text=True, check=False)
        if done.returncode == 0:
            found.setdefault(done.stdout, candidate)
    return list(found.values())


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that takes `interpreter` runs by every one that is installed."""
    if "interpreter" in metafunc.fixturenames:
        metafunc.parametrize("interpreter", installed_interpreters())


Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts programs that print a line "ready", and ends them after the test."""
    running: list[subprocess.Popen[bytes]] = []

    def started(text: str, *arguments: str, python: str = sys.executable, **how: object) -> subprocess.Popen[bytes]:
        command = [python, "-I", "-S", "-c", text, *arguments]
        how.setdefault("stdin", subprocess.DEVNULL)
        process = subprocess.Popen(command, stdout=subprocess.PIPE, **how)  # type: ignore[call-overload]
        running.append(process)
        assert process.stdout.readline() == b"ready\n"
        return process

    yield started
    for process in running:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.fixture(scope="session")
def wait_for() -> Callable[..., object]:
    """Waits for something to become true and returns it; fails after a while."""

    def waited(question: Callable[[], object], what: str = "") -> object:
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            answer = question()
            if answer:
                return answer
            time.sleep(0.01)
        raise AssertionError(f"waited in vain for {what or question}")

    return waited
