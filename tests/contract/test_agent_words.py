"""What every channel to an agent does: the ring in shared memory, and the fake that other tests use."""

from __future__ import annotations

import os
import time

import pytest

from iobound.agent.bootstrap import _iobound_ring as protocol
from iobound.verbs.observe.agent_reader import AgentReader
from iobound.verbs.observe.collector import Collector
from iobound.verbs.observe.sources.agent_channel import AgentChannel


@pytest.fixture(params=["ring", "fake"])
def ends(request, tmp_path, fake_channel):
    """A function that writes as an agent does, and the channel."""
    if request.param == "fake":
        yield fake_channel.write, fake_channel
        return
    name = f"{os.getpid()}-1-{time.monotonic_ns():x}"
    ring = protocol.Ring(str(tmp_path / f"{name}.ring"))
    channel = AgentChannel(str(tmp_path / f"{name}.ring"))
    yield ring.write, channel
    channel.close()


def test_lines_are_heard_once_in_order_and_as_fields(ends):
    write, channel = ends
    assert list(channel.lines()) == []
    write("A\t1\nL\t5\t\t6\n\nE\tx\n")
    assert list(channel.lines()) == [["A", "1"], ["L", "5", "", "6"], ["E", "x"]]
    assert list(channel.lines()) == []


def test_it_can_be_dismissed(ends):
    _, channel = ends
    channel.dismiss()
    assert channel.dropped() == 0


def test_once_closed_it_is_silent_and_says_what_was_lost_before(ends):
    write, channel = ends
    write("A\t1\n")
    channel.close()
    channel.close()
    channel.dismiss()
    assert list(channel.lines()) == []
    assert channel.dropped() == 0


def test_a_reader_understands_both(ends):
    write, channel = ends
    collector = Collector()
    thread = collector.start_thread(collector.start_process(5, 1, "", 0), 5, "?", 0)
    reader = AgentReader(channel, collector, {5: thread}.get)
    write("H\t2\t5\t6\t700\t5\t5000\tcpython\t3.12.1\t1\t0\nC\t1\tf\tg\t1\nP\t1\t1\t2\t0\t2\t1\nS\t1\t0\t1\n")
    write("L\t10\t11\t700:1:8\n")
    reader.read()
    assert reader.greeting.pid == 5
    assert list(thread.stacks.wanted) == [10]
