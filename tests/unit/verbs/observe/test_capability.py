"""What `iobound env` says is tried out, and what does not work is said with its reason."""

from __future__ import annotations

import sys

import pytest

from iobound.verbs.observe import capability
from iobound.verbs.observe.sources.interpreter_layout import own_layout

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")


def told(fact):
    (one,) = [one for one in capability.self_tests() if one.fact == fact]
    return one


def test_stacks_of_a_small_program_are_read_right():
    stacks = told("python_stacks")
    assert (stacks.available, stacks.why) == (True, None)
    assert stacks.source.startswith("interpreter memory")


def test_without_a_layout_there_is_an_agent(monkeypatch):
    monkeypatch.setattr(capability, "own_layout", lambda: None)
    stacks = told("python_stacks")
    assert not stacks.available
    assert "agent" in stacks.why


@pytest.mark.parametrize("field", ["frame_code", "frame_caller", "frame_instruction", "code_name", "code_size"])
def test_a_layout_that_is_wrong_is_found_out(monkeypatch, field):
    layout = own_layout()
    wrong = layout._replace(**{field: getattr(layout, field) + 8})
    monkeypatch.setattr(capability, "own_layout", lambda: wrong)
    stacks = told("python_stacks")
    assert not stacks.available
    assert "not to be trusted" in stacks.why


def test_programs_that_cannot_be_run_are_no_crash(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    probe = told("gil_probe")
    assert not probe.available
    assert "No such file" in probe.why
