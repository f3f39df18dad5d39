"""The ring buffer: single writer, single reader, nothing waited for."""

from __future__ import annotations

import os
import random
import subprocess
import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from iobound.agent import BOOTSTRAP
from iobound.agent.bootstrap import _iobound_ring as protocol
from iobound.verbs.observe.sources.agent_channel import AgentChannel, unescaped


@pytest.fixture
def ends(tmp_path):
    """Both ends of one ring."""
    path = str(tmp_path / "7-1-abc.ring")
    ring = protocol.Ring(path)
    channel = AgentChannel(path)
    yield ring, channel
    channel.close()


def test_what_is_written_is_read_once(ends):
    ring, channel = ends
    assert ring.write("A\t1\nL\t2\t\t3\n")
    assert list(channel.lines()) == [["A", "1"], ["L", "2", "", "3"]]
    assert list(channel.lines()) == []


def test_many_times_round_the_ring_nothing_is_lost_or_torn(ends):
    ring, channel = ends
    chance = random.Random(3)
    written, read = [], []
    for number in range(4000):
        text = f"S\t{number}\t{'x' * chance.randrange(900)}\n"
        assert ring.write(text)
        written.append(text.rstrip("\n").split("\t"))
        if chance.random() < 0.02 or number % 150 == 149:
            read += channel.lines()
    read += channel.lines()
    assert read == written
    assert ring.words[protocol.HEAD >> 3] > 5 * protocol.RING_BYTES
    assert channel.dropped() == 0


def test_a_line_may_fill_the_ring_to_the_last_byte_but_not_beyond(ends):
    ring, channel = ends
    assert not ring.write("x" * protocol.RING_BYTES + "\n")
    assert channel.dropped() == 1
    assert ring.write("x" * (protocol.RING_BYTES - 1) + "\n")
    assert not ring.write("\n")
    assert channel.dropped() == 2
    assert [len(line[0]) for line in channel.lines()] == [protocol.RING_BYTES - 1]
    assert ring.write("after\n")
    assert list(channel.lines()) == [["after"]]


def test_a_full_ring_keeps_what_is_in_it(ends):
    """What came first stays; what does not fit is counted."""
    ring, channel = ends
    line = "L\t" + "y" * 997 + "\n"
    fits = protocol.RING_BYTES // len(line)
    results = [ring.write(line) for _ in range(fits + 10)]
    assert results == [True] * fits + [False] * 10
    assert channel.dropped() == 10
    assert len(list(channel.lines())) == fits


def test_a_line_whose_end_is_not_there_yet_waits_for_it(ends):
    ring, channel = ends
    ring.write("L\t1")
    assert list(channel.lines()) == []
    ring.write("2\nA")
    assert list(channel.lines()) == [["L", "12"]]
    ring.write("\t3\n")
    assert list(channel.lines()) == [["A", "3"]]


def test_a_header_that_the_target_has_scribbled_over_does_no_harm(ends):
    ring, channel = ends
    ring.write("L\t1\n")
    ring.words[protocol.HEAD >> 3] = 1 << 62
    assert all(isinstance(line, list) for line in channel.lines())


def test_the_file_is_private_and_gone_as_soon_as_it_is_mapped(tmp_path):
    path = tmp_path / "7-1-abd.ring"
    protocol.Ring(str(path))
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.stat().st_blocks * 512 >= protocol.RING_BYTES  # no holes: a full disk is no SIGBUS
    channel = AgentChannel(str(path))
    assert not path.exists()
    channel.close()


def test_a_ring_is_never_made_over_something_that_is_there(tmp_path):
    path = tmp_path / "7-1-abe.ring"
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FileExistsError):
        protocol.Ring(str(path))
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("content", [b"", b"short", bytes(protocol.RING_OFFSET + protocol.RING_BYTES + 1)])
def test_a_file_that_is_no_ring_is_refused(tmp_path, content):
    path = tmp_path / "7-1-abf.ring"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="not a ring"):
        AgentChannel(str(path))


def test_a_link_in_place_of_a_ring_is_refused(tmp_path):
    protocol.Ring(str(tmp_path / "true"))
    (tmp_path / "7-1-abf.ring").symlink_to(tmp_path / "true")
    with pytest.raises(OSError, match="symbolic"):
        AgentChannel(str(tmp_path / "7-1-abf.ring"))


def test_an_agent_can_be_dismissed(ends):
    ring, channel = ends
    assert ring.words[protocol.QUIT >> 3] == 0
    channel.dismiss()
    assert ring.words[protocol.QUIT >> 3] == 1


def test_the_header_does_not_reach_into_the_data():
    assert max(protocol.HEAD, protocol.TAIL, protocol.DROPPED, protocol.QUIT) + 8 <= protocol.RING_OFFSET


@given(st.text(st.characters(codec=None, exclude_categories=()), max_size=1000))
@example("\ud800 a lone surrogate \udcff")
@example("tab\there, line\nthere, \r and \0, \\t as it is, ä, €, \U0001f40d, \x85\u2028")
def test_any_name_survives_the_way_through_a_line(text):
    line = protocol.escaped(text)
    assert line.isascii()
    assert not set(line) & set("\t\n\r\0")
    assert unescaped(line) == (text or "?")


def test_a_long_name_is_cut_between_characters_and_marked():
    text = "\U0001f40d\t" * 2000
    assert unescaped(protocol.escaped(text)) == text[:999] + "…"
    assert unescaped(protocol.escaped(text[:1001])) == text[:999] + "…"


@pytest.mark.parametrize("garbled", ["\\", "\\x4", "\\N{no such}", "\\U99999999", "\ufffd"])
def test_a_garbled_name_is_shown_somehow(garbled):
    assert isinstance(unescaped(garbled), str)


BESIDE = """
import os, sys, threading
sys.path.insert(0, sys.argv[1])
from _iobound_ring import Ring
sys.setswitchinterval(1e-6)
over = False
def opens_and_closes():
    while not over:
        descriptors = [os.open(os.devnull, os.O_RDONLY) for _ in range(3)]
        for descriptor in descriptors:
            os.close(descriptor)
def number():
    return len(os.listdir("/proc/self/fd"))
before = number()
others = [threading.Thread(target=opens_and_closes) for _ in range(2)]
for other in others: other.start()
try:
    rings = [Ring(os.path.join(sys.argv[2], str(number))) for number in range(300)]
finally:
    over = True
for other in others: other.join()
print(number() - before)
"""


@pytest.mark.skipif(not os.path.exists("/proc/self/fd"), reason="descriptors are listed by Linux")
def test_beside_threads_that_open_and_close_files_a_ring_leaves_no_descriptor(tmp_path):
    command = [sys.executable, "-c", BESIDE, str(BOOTSTRAP), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "0\n", "")
