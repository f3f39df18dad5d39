"""Children one after another go on with the files of those that have ended, and nothing is lost or told twice."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from iobound.decorator import member as members
from iobound.decorator.call_log import CallLog
from iobound.decorator.collecting import _joined, collected
from iobound.decorator.ledger import Ledger
from iobound.decorator.left import evenly
from iobound.decorator.member import Member
from iobound.decorator.reading import lost_in, read_family

NO_ROOM = f"{os.strerror(errno.ENOSPC)} in {{}}"


@pytest.fixture
def gone() -> int:
    """The number of a process that has ended."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    return ended.pid


def log_of(calls: int, name: str = "m:f", begin: int = 0) -> CallLog:
    """A log with so many calls of a microsecond from now on, one every two."""
    log = CallLog(name, log_of.__code__, "function", lambda log, now: None)
    begin = begin or time.monotonic_ns()
    for number in range(calls):
        start = begin + 2_000 * number
        log.pending.extend((start, start + 1_000, 500, 0, 1))
    log.drain(begin)
    return log


def leave(folder: Path, gone: int, *logs: CallLog) -> Member:
    """Write what a member does, which has ended since."""
    member = Member(str(folder))
    for log in logs:
        member.write(logs, log, 1)
    [owner] = folder.glob(f"*@*-{os.getpid()}")
    owner.rename(str(owner).rpartition("-")[0] + f"-{gone}")
    return member


def test_one_after_another_they_share_their_files(tmp_path: Path, gone: int) -> None:
    """The sums of all are there, and as many files as of one."""
    for number in range(5):
        leave(tmp_path, gone, log_of(number + 1), log_of(1, f"m:only{number % 2}"))
        assert len(list(tmp_path.iterdir())) == 4
    parts = {part["name"]: part for part in read_family(str(tmp_path))}
    joined = {name: _joined([part]) for name, part in parts.items()}
    assert {name: calls.calls for name, calls in joined.items()} == {"m:f": 15, "m:only0": 3, "m:only1": 2}
    assert {name: calls.processes for name, calls in joined.items()} == {"m:f": 5, "m:only0": 3, "m:only1": 2}
    every = joined["m:f"]
    assert (every.wall_ns, every.cpu_ns, every.longest_ns, every.busy_ns) == (15_000, 7_500, 1_000, 15_000)
    assert (every.threads, every.most_at_once, len(every.samples)) == (5, 1, 15)
    assert sum(counts[-2] for counts in parts["m:f"]["callers"]) == 0  # none of the calls was asked


def test_files_of_one_that_lives_are_its_own(tmp_path: Path) -> None:
    """Also where that is this process: two copies of the module, for one."""
    for _ in range(2):
        log, member = log_of(2), Member(str(tmp_path))
        member.write([log], log, 1)
    assert [part["sums"][0] for part in read_family(str(tmp_path))] == [2, 2]
    [owner, _] = sorted(tmp_path.glob("*@*"))
    owner.rename(str(owner).rpartition("-")[0] + f"-{os.getppid()}")
    log, member = log_of(2), Member(str(tmp_path))
    member.write([log], log, 1)
    assert [part["sums"][0] for part in read_family(str(tmp_path))] == [2, 2, 2]


def test_of_processes_elsewhere_nothing_is_known(tmp_path: Path, gone: int) -> None:
    """In another container a number is another process."""
    leave(tmp_path, gone, log_of(2))
    [owner] = tmp_path.glob("*@*")
    owner.rename(str(owner).partition("@")[0] + f"@17-{gone}")
    leave(tmp_path, gone, log_of(2))
    assert [part["sums"][0] for part in read_family(str(tmp_path))] == [2, 2]


def test_those_that_were_at_work_beside_one_another_stay_apart(tmp_path: Path, gone: int) -> None:
    """Else it would be lost that they were."""
    member = Member(str(tmp_path))
    leave(tmp_path, gone, log_of(1, begin=time.monotonic_ns()))
    log = log_of(1)
    member.write([log], log, 1)
    assert [part["sums"][0] for part in read_family(str(tmp_path))] == [1, 1]


def test_one_that_was_killed_while_it_wrote(tmp_path: Path, gone: int) -> None:
    """What it had written before counts, and what comes after is no longer taken for half written."""
    leave(tmp_path, gone, log_of(3))
    [path] = tmp_path.glob("*.sums")
    content = bytearray(path.read_bytes())
    content[0] |= 1
    content[8:16] = b"half way"
    path.write_bytes(content)
    log, member = log_of(4), Member(str(tmp_path))
    member.write([log], log, 1)
    member._write_one(log)
    assert path.read_bytes()[0] % 2 == 0
    [part] = read_family(str(tmp_path))
    assert part["sums"][0] == 7


def test_what_those_before_left_may_be_garbage(tmp_path: Path, gone: int) -> None:
    """Own calls are told nevertheless."""
    for ending in ("calls", "names"):
        leave(tmp_path, gone, log_of(3))
        [path] = tmp_path.glob(f"*.{ending}")
        path.write_bytes(b"\xff\t\n0\t\n7\t" + path.read_bytes()[:40] + b"\n")
        log, member = log_of(4), Member(str(tmp_path))
        member.write([log], log, 1)
        assert max(part["sums"][0] for part in read_family(str(tmp_path))) >= 4
        for path in tmp_path.iterdir():
            path.unlink()


def test_what_is_left_stays_small(tmp_path: Path, gone: int) -> None:
    """Of ten thousand calls a thousand samples, of many callers the most frequent ones, and fewer of many functions."""
    for _ in range(30):
        log = log_of(400)
        log.callers = {number: [1, 0] for number in range(300)}
        leave(tmp_path, gone, log)
    [part] = read_family(str(tmp_path))
    assert part["sums"][0] == 12_000
    assert 900 <= len(part["samples"]) <= 1000
    assert sum(caller[-2] for caller in part["callers"]) == 30 * 300
    many = tmp_path / "many"
    many.mkdir()
    leave(many, gone, *[log_of(1000, f"m:f{number}") for number in range(400)])
    assert sum(path.stat().st_size for path in many.iterdir()) < 1 << 20


def test_samples_are_taken_evenly() -> None:
    """Pairs stay pairs."""
    assert evenly([1, 10, 2, 20, 3, 30, 4, 40], 2) == [1, 10, 3, 30]
    assert evenly([1, 10], 2) == [1, 10]


class _Room(NamedTuple):
    f_blocks: int
    f_bavail: int
    f_frsize: int = 4096


def test_where_there_is_hardly_room_it_is_left_to_others_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The program may need it; that calls are missing stands in the report."""
    monkeypatch.setattr(members.os, "statvfs", lambda path: _Room(1000, 100))
    log, member = log_of(2), Member(str(tmp_path))
    for _ in range(2):
        member.write([log], log, 1)
    assert [path.name for path in tmp_path.iterdir()] == [f"lost-{errno.ENOSPC}"]
    assert lost_in(str(tmp_path)) == [NO_ROOM.format(tmp_path.parent)]
    ledger = Ledger()
    ledger.logs = [log_of(3), log_of(1, "m:other")]
    ledger._left = ([], lost_in(str(tmp_path)))
    first, second = collected(ledger)
    why = NO_ROOM.format(tmp_path.parent)
    assert first.calls.notes == (f"calls of processes that could not leave them are missing: {why}",)
    assert second.calls.notes == ()


@pytest.mark.parametrize("room", [_Room(0, 0), _Room(1000, 130), _Room(10**9, 20_000)])
def test_where_there_is_room_it_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: _Room) -> None:
    """A place without a limit, one with an eighth to spare, and a large disk of which a small part is many bytes."""
    monkeypatch.setattr(members.os, "statvfs", lambda path: room)
    log, member = log_of(2), Member(str(tmp_path))
    member.write([log], log, 1)
    assert [part["sums"][0] for part in read_family(str(tmp_path))] == [2]
    assert lost_in(str(tmp_path)) == []


def test_where_the_room_ends_the_functions_before_are_told_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what is new is missing, and that is told."""
    known, member = log_of(2), Member(str(tmp_path))
    member.write([known], known, 1)

    def full(path: str, line: bytes) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(members, "_append", full)
    new = log_of(1, "m:new")
    member.write([known, new], new, 1)
    more = log_of(5)
    member._places[more] = member._places[known]
    member.write([known, new, more], more, 0)
    assert [part["sums"][0] for part in read_family(str(tmp_path))] == [5]
    assert lost_in(str(tmp_path)) == [NO_ROOM.format(tmp_path.parent)]


FORKS = """
import json, os, sys, time, iobound
@iobound.advise
def work(number=0):
    return number
@iobound.advise
def seldom():
    pass
work()
for number in range(300):
    child = os.fork()
    if not child:
        work()
        time.sleep(0.002)  # what ends within a millisecond may be lost
        work()
        if number % 3 == 0:
            seldom()
        os._exit(0)
    os.waitpid(child, 0)
folder = os.environ["IOBOUND_FAMILY"].split(":")[2]
names = os.listdir(folder)
print(json.dumps([len(names), sum(os.stat(os.path.join(folder, name)).st_size for name in names)]))
"""


def test_what_hundreds_of_children_leave_does_not_grow(tmp_path: Path) -> None:
    """All of their calls are told, and the folder holds no more than that of one child."""
    script, report = tmp_path / "forks.py", tmp_path / "report.json"
    script.write_text(textwrap.dedent(FORKS))
    environment: dict[str, Any] = {**os.environ, "IOBOUND_REPORT": f"json:{report}"}
    environment.pop("IOBOUND_FAMILY", None)
    ran = subprocess.run([sys.executable, str(script)], env=environment, capture_output=True, text=True, check=True)
    files, size = json.loads(ran.stdout)
    assert files <= 12
    assert size < 1 << 20
    told = {
        each["function"]: (each["calls"], each["processes"]) for each in json.loads(report.read_text())["functions"]
    }
    assert told == {"work": (601, 301), "seldom": (100, 100)}
    assert ran.stderr == ""


DAEMON = """
import os, time, iobound
@iobound.advise
def work():
    time.sleep(0.001)
for _ in range(30):
    work()
print(os.environ["IOBOUND_FAMILY"].split(":")[2], flush=True)
head = os.getpid()
if os.fork():
    os._exit(0)
os.setsid()
while os.getppid() == head:
    time.sleep(0.01)
folder = os.environ["IOBOUND_FAMILY"].split(":")[2]
while os.path.exists(folder):  # until the observer has seen that the head is gone
    time.sleep(0.01)
child = os.fork()
if child:
    os.waitpid(child, 0)
    print(os.path.exists(folder), flush=True)
    os._exit(0)
work()
work()
print(os.path.exists(folder), flush=True)
os._exit(0)
"""


def test_a_daemon_that_forks_twice_leaves_no_folder() -> None:
    """Nobody reads it any more when the head is gone."""
    environment = {**os.environ}
    environment.pop("IOBOUND_FAMILY", None)
    ran = subprocess.run([sys.executable, "-c", DAEMON], env=environment, capture_output=True, text=True, check=True)
    folder, *found = ran.stdout.split()
    assert found == ["False", "False"]
    assert not os.path.exists(folder)
    assert ran.stderr == ""
