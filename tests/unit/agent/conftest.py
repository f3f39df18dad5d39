"""The agent's modules, and a minute supervisor for agents in real processes."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from iobound.agent import BOOTSTRAP, VARIABLE
from iobound.verbs.observe.sources.agent_channel import AgentChannel

PATIENCE_S = 20


def found_by_a_target(name: str) -> ModuleType:
    """A module of the agent, found where the target finds it."""
    sys.path.insert(0, str(BOOTSTRAP))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(BOOTSTRAP))


@pytest.fixture(scope="session")
def stacks() -> ModuleType:
    """The module that turns frames into lines."""
    return found_by_a_target("_iobound_stacks")


@pytest.fixture(scope="session")
def frames() -> ModuleType:
    """The module that reads the frames of threads."""
    return found_by_a_target("_iobound_frames")


@pytest.fixture(scope="session")
def looking() -> ModuleType:
    """The module that looks at the threads."""
    return found_by_a_target("_iobound_agent")


def installed_interpreters() -> list[str]:
    """Supported CPythons that start here, one of each version, this one first."""
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
    found: dict[str, str] = {}
    for candidate in [sys.executable, *map(str, sorted(root.glob("3.1[1-5]*/bin/python3")))]:
        done = subprocess.run(
            [candidate, "-I", "-S", "-c", "import sys; print(sys.version_info[:2])"], capture_output=True, check=False
        )
        if done.returncode == 0:
            found.setdefault(done.stdout.decode(), candidate)
    return list(found.values())


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that takes `interpreter` runs by every one that is installed."""
    if "interpreter" in metafunc.fixturenames:
        metafunc.parametrize("interpreter", installed_interpreters())


class Watch:
    """Runs a program with an agent, and talks to the agents that come of it.

    Attributes:
        process: The program.
        heard: Lines of each agent, by process id, in order.
        channels: Their channels, by process id and then in order of appearance.
    """

    def __init__(self, folder: str, period_ns: int, python: str, options: tuple[str, ...], text: str) -> None:
        setting = f"2;{period_ns};{folder}"
        environment = {"PATH": os.environ["PATH"], VARIABLE: setting, "PYTHONPATH": str(BOOTSTRAP)}
        self.folder = folder
        self.heard: dict[int, list[list[str]]] = {}
        self.channels: list[tuple[int, AgentChannel]] = []
        self.process = subprocess.Popen(
            [python, *options, "-c", text],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
        )

    def look(self) -> None:
        """Meet agents that are new, and hear what all have said."""
        for name in sorted(os.listdir(self.folder)):
            if name.endswith(".ring"):
                self.channels.append((int(name.split("-")[0]), AgentChannel(os.path.join(self.folder, name))))
        for pid, channel in self.channels:
            self.heard.setdefault(pid, []).extend(channel.lines())

    def until(self, question: Callable[[], object]) -> object:
        """Look until something is true, and return that."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            self.look()
            answer = question()
            if answer:
                return answer
            time.sleep(0.01)
        raise AssertionError(f"waited in vain; heard {self.heard}")

    def kinds(self, pid: int) -> str:
        """First letters of what the agent of a process has said."""
        return "".join(line[0] for line in self.heard.get(pid, []))

    def readline(self) -> str:
        """A line of the program's output."""
        return self.process.stdout.readline().decode().rstrip("\n")

    def end(self) -> tuple[int, str, str]:
        """Let the program's input end and wait for it; exit code and output."""
        output, errors = self.process.communicate(timeout=PATIENCE_S)
        return self.process.returncode, output.decode(), errors.decode()

    def close(self) -> None:
        """End everything."""
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            stream.close()
        for _, channel in self.channels:
            channel.close()


@pytest.fixture
def watch() -> Iterator[Callable[..., Watch]]:
    """Runs programs with an agent by hand."""
    running: list[Watch] = []
    with tempfile.TemporaryDirectory() as folder:

        def started(text: str, *options: str, python: str = sys.executable, period_ns: int = 5_000_000) -> Watch:
            running.append(Watch(folder, period_ns, python, options, text))
            return running[-1]

        yield started
        for one in running:
            one.close()


@pytest.fixture
def stopped(frames: ModuleType) -> Callable[[Callable[..., object]], AbstractContextManager[list[Any]]]:
    """Runs a function in another thread until it calls what it is given, and gives the places of its stack there."""

    @contextmanager
    def stopping(function: Callable[..., object]) -> Iterator[list[Any]]:
        at, on = threading.Event(), threading.Event()

        def pause() -> None:
            at.set()
            on.wait(PATIENCE_S)

        thread = threading.Thread(target=function, args=(pause,))
        thread.start()
        try:
            assert at.wait(PATIENCE_S)
            yield dict(frames.stacks_of([thread.ident]))[thread.ident]
        finally:
            on.set()
            thread.join()

    return stopping
