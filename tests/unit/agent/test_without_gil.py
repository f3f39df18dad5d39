"""What the agent says where there is no GIL that would keep frames in place while they are read."""

from __future__ import annotations

import importlib
import sys
import threading

import pytest

from iobound.agent import BOOTSTRAP


class Paper:
    """A ring that keeps what is written."""

    text = ""

    def write(self, text: str) -> bool:
        self.text += text
        return True


@pytest.fixture
def agents(monkeypatch):
    """The agent's module, found where the target finds it."""
    monkeypatch.syspath_prepend(str(BOOTSTRAP))
    return importlib.import_module("_iobound_agent")


@pytest.fixture
def look_once(agents, monkeypatch):
    """Lets an agent that sees no frames look once, and returns what it wrote."""
    monkeypatch.setattr(sys, "_current_frames", None)  # not to be called

    def look():
        agent = agents._Agent(5_000_000, "")
        agent.sees_frames = False
        agent.tables = importlib.import_module("_iobound_stacks").Tables()
        agent.main_ident = 77
        ring = Paper()
        others = agent._look(ring, 12)
        lines = [line.split("\t") for line in ring.text.splitlines()]
        return others, lines

    return look


def test_threads_have_names_but_no_stacks(look_once):
    others, lines = look_once()
    here = [str(threading.get_ident()), str(threading.get_native_id()), threading.current_thread().name]
    assert ["N", *here] in lines
    assert {line[0] for line in lines} == {"N", "L"}
    assert lines[-1][:2] == ["L", "12"]
    assert others == threading.active_count()


def test_it_says_the_cpu_time_of_the_process(look_once):
    _, lines = look_once()
    ident, stack, clock = lines[-1][3].split(":")
    assert (ident, stack) == ("77", "0")
    assert int(clock) < -1


@pytest.mark.parametrize(
    ("version", "forced", "sees"),
    [
        ("3.13.0 (main, Oct  7 2024) [GCC 13.2.0]", None, True),
        ("3.13.5 experimental free-threading build (main, May 8 2026) [GCC]", None, False),
        ("3.14.0 free-threading build (main, May 8 2026) [GCC]", 0, False),
        ("3.14.0 free-threading build (main, May 8 2026) [GCC]", 1, True),
    ],
)
def test_frames_are_read_only_under_a_gil_that_stays(agents, monkeypatch, version, forced, sees):
    """A GIL that an extension module asked for may be there for a moment only."""

    class Flags:
        gil = forced

    monkeypatch.setattr(sys, "version", version)
    monkeypatch.setattr(sys, "flags", Flags())
    assert agents._Agent(1, "").sees_frames is sees
