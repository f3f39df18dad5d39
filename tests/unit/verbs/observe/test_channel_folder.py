"""The directory in which agents leave their channels: nobody who comes late stays in it, or waits for ever."""

from __future__ import annotations

import os
import threading

import pytest

from iobound.agent.bootstrap import _iobound_ring as protocol
from iobound.verbs.observe.channel_folder import ChannelFolder


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    return ChannelFolder()


def ring(folder: ChannelFolder, name: str) -> protocol.Ring:
    return protocol.Ring(os.path.join(folder.path, name))


def is_dismissed(one: protocol.Ring) -> bool:
    return one.words[protocol.QUIT >> 3] == 1


@pytest.mark.parametrize("name", ["12-1-a.ring", "12-1-a.ring.new"])
def test_an_agent_that_came_too_late_to_be_met_is_told_to_go(folder, name):
    late = ring(folder, name)
    folder.remove()
    assert is_dismissed(late)
    assert not os.path.exists(folder.path)


def test_one_that_was_met_is_not_told_to_go_by_that(folder):
    met = ring(folder, "12-1-a.ring")
    ((pid, channel),) = folder.new_channels()
    folder.remove()
    assert pid == 12
    assert not is_dismissed(met)
    channel.close()


def test_agents_that_come_meanwhile_go_or_cannot_come(folder):
    rings: list[protocol.Ring] = []
    problems: list[OSError] = []
    begun = threading.Event()

    def come() -> None:
        try:
            for number in range(10_000):
                name = os.path.join(folder.path, f"{number}")
                one = protocol.Ring(name + ".new")
                os.rename(name + ".new", name + ".ring")
                rings.append(one)  # now its agent would begin
                begun.set()
        except OSError as error:
            problems.append(error)

    comes = threading.Thread(target=come)
    comes.start()
    assert begun.wait(20), problems
    folder.remove()
    comes.join()
    assert [type(problem) for problem in problems] == [FileNotFoundError]
    assert all(map(is_dismissed, rings))
    assert not os.path.exists(folder.path)


@pytest.mark.parametrize("left", ["probe", "other/file"])
def test_whatever_else_is_there_goes_too(folder, left):
    path = os.path.join(folder.path, left)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb"):
        pass
    folder.remove()
    folder.remove()  # nothing to do
    assert not os.path.exists(folder.path)
