"""What children leave, and what becomes of it: also when it is torn, odd, foreign or garbage."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iobound.decorator import family
from iobound.decorator.call_log import CallLog
from iobound.decorator.collecting import _joined
from iobound.decorator.ledger import Ledger
from iobound.decorator.left import SUMS, as_content
from iobound.decorator.member import Member
from iobound.decorator.reading import read_family
from iobound.pipeline import attached


def log_of(calls: int, name: str = "m:f", kind: str = "function") -> CallLog:
    """A log with so many calls of a microsecond, one every ten."""
    log = CallLog(name, log_of.__code__, kind, lambda log, now: None)
    more(log, calls)
    return log


def more(log: CallLog, calls: int) -> None:
    for _ in range(calls):
        start = log.last_ns + 10_000
        log.pending.extend((start, start + 1_000, 500, 0, 1))
        log.drain(start + 1_000)


def only(folder: Path, kind: str) -> Path:
    [path] = folder.glob(f"*.{kind}")
    return path


@pytest.fixture
def left(tmp_path: Path) -> tuple[Path, Member, CallLog]:
    """A member that has written five calls of one function."""
    log, member = log_of(5), Member(str(tmp_path))
    member.write([log], log, 1)
    return tmp_path, member, log


def calls_in(folder: Path) -> list[int]:
    return [part["sums"][0] for part in read_family(str(folder))]


def test_what_was_written_is_read(left: Any) -> None:
    """All of it, and it is what a process knows of itself."""
    folder, _, log = left
    [part] = read_family(str(folder))
    own = as_content(log)
    assert part["member"].startswith(f"{os.getpid()}-")
    assert part["sums"] == list(own["sums"])
    assert part["samples"] == own["samples"]
    assert {key: part[key] for key in ("name", "file", "function", "first_line", "kind")} == {
        key: own[key] for key in ("name", "file", "function", "first_line", "kind")
    }


def test_sums_are_newer_than_the_rest(left: Any) -> None:
    """They follow at once, the rest when there is time."""
    folder, member, log = left
    more(log, 3)
    member._write_one(log)
    assert calls_in(folder) == [8]


def test_sums_that_are_being_written_are_not_used(left: Any) -> None:
    """Their number is odd: a child was killed in the middle."""
    folder, member, log = left
    more(log, 3)
    member._write_one(log)
    path = only(folder, "sums")
    content = bytearray(path.read_bytes())
    struct.pack_into("q", content, 0, 3)
    path.write_bytes(content)
    assert calls_in(folder) == [5]


def test_sums_alone_or_none(left: Any) -> None:
    """Names are enough, and they are where the rest is not yet; without any they are nobody's."""
    folder, _, _ = left
    path = only(folder, "sums")
    kept = path.read_bytes()
    path.write_bytes(kept[:50])
    assert calls_in(folder) == [5]
    path.unlink()
    assert calls_in(folder) == [5]
    path.write_bytes(kept)
    only(folder, "calls").unlink()
    assert calls_in(folder) == [5]
    assert _joined(read_family(str(folder))).calls == 5
    path.unlink()
    assert calls_in(folder) == []
    path.write_bytes(kept)
    only(folder, "names").unlink()
    assert calls_in(folder) == []


@given(st.data())
def test_torn_or_changed_content_is_left_out(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """Whatever a file holds, reading it raises nothing, and what is told of it can be told."""
    folder = tmp_path_factory.mktemp("family")
    log, member = log_of(5), Member(str(folder))
    member.write([log], log, 1)
    path = only(folder, data.draw(st.sampled_from(["calls", "names", "sums"])))
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at : at + data.draw(st.integers(1, 30))] = data.draw(st.binary(max_size=30)) or b"1"
    path.write_bytes(content[: data.draw(st.integers(0, len(content)))] if data.draw(st.booleans()) else content)
    for part in read_family(str(folder)):
        _joined([part])
    assert len(calls_in(folder)) <= 2


@pytest.mark.parametrize(
    "content",
    [
        b"", b"null", b"[]", b"{}", b'{"pid": 1}', b'{"pid": "x", "functions": []}', b'{"pid": 1, "functions": 3}',
        b"1\t{}\t1\t\t\t", b"0\t\t\t\t\t\n\n", b"\xff\xfe", b"[" * 100_000,
        b'{"pid": 1, "functions": [{"sums": [1e400]}]}',
    ],
)  # fmt: skip
def test_garbage_is_left_out(left: Any, content: bytes) -> None:
    """And what is whole beside it is not."""
    folder, _, _ = left
    (folder / "1-a.calls").write_bytes(content)
    assert calls_in(folder) == [5]


def test_sums_that_cannot_be_are_left_out(left: Any) -> None:
    """Negative ones, more nested calls than calls, too few, too many."""
    folder, _, _ = left
    path = only(folder, "calls")
    place, name, text, *rest = path.read_text().split("\t")
    sums = [int(number) for number in text.split()]
    only(folder, "sums").unlink()
    only(folder, "names").unlink()
    bads: list[Any] = [
        sums[:-1],
        [*sums, 1],
        [-1, *sums[1:]],
        [0, *sums[1:]],
        [*sums[:10], 99, *sums[11:]],
        "x" * len(SUMS),
    ]
    for bad in (*bads, [*sums[:-1], 0]):
        path.write_text("\t".join([place, name, " ".join(map(str, bad)), *rest]))
        assert calls_in(folder) == []
    path.write_text("\t".join([place, name, " ".join(map(str, sums)), *rest]))
    assert calls_in(folder) == [5]


def test_what_is_no_file_is_not_opened(left: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Neither links nor pipes, which would wait for ever, nor folders."""
    folder, _, _ = left
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "x.calls"
    elsewhere.write_bytes(only(folder, "calls").read_bytes())
    (folder / "link.calls").symlink_to(elsewhere)
    os.mkfifo(folder / "pipe.calls")
    (folder / "folder.calls").mkdir()
    assert calls_in(folder) == [5]
    assert read_family(str(folder / "nowhere")) == []


def test_a_member_writes_through_no_link(left: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Where a link has its name, it writes nothing."""
    folder, member, log = left
    victim = tmp_path_factory.mktemp("elsewhere") / "victim"
    victim.write_text("mine")
    path = only(folder, "calls")
    (folder / f"{path.name}.new").symlink_to(victim)
    member.write_all([log])
    assert victim.read_text() == "mine"


def test_a_member_whose_folder_is_gone_is_silent(tmp_path: Path) -> None:
    """It is not its business, and may come."""
    log, member = log_of(5), Member(str(tmp_path / "soon"))
    member.write([log], log, 1)
    (tmp_path / "soon").mkdir()
    member.write([log], log, time.monotonic_ns() + 10**9)
    assert calls_in(tmp_path / "soon") == [5]


def test_a_thousand_functions_are_told_at_once(tmp_path: Path) -> None:
    """Each has its sums where they outlive the process, whatever their number."""
    logs, member = [log_of(2, f"m:f{number}") for number in range(1000)], Member(str(tmp_path))
    for log in logs:
        member.write(logs, log, 1)
    for log in logs:
        more(log, 1)
        member.write(logs, log, 2)
    for log in logs[::100]:
        more(log, 1)
        member.write(logs, log, 0)  # no time for anything else
    assert sorted(calls_in(tmp_path)) == [3] * 990 + [4] * 10


def test_names_of_any_letters(tmp_path: Path) -> None:
    """Lone surrogates, as names of files have them."""
    log, member = log_of(1, "m:\udcff\x00\n"), Member(str(tmp_path))
    member.write([log], log, 1)
    assert read_family(str(tmp_path))[0]["name"] == "m:\udcff\x00\n"


def test_processes_are_joined() -> None:
    """Sums add up; the largest number at once is that of all where they were at work at the same time."""
    parts = []
    for number in range(3):
        log = CallLog("m:f", None, "function", lambda log, now: None)
        start = 10**9 + number
        log.pending.extend((start, start + 10**6, 1_000, 0, 1))
        log.drain(start + 10**6)
        parts.append({**as_content(log), "member": str(number)})
    joined = _joined(parts)
    assert (joined.calls, joined.processes, joined.threads, joined.most_at_once) == (3, 3, 3, 3)
    assert (joined.wall_ns, joined.cpu_ns, joined.busy_ns) == (3 * 10**6, 3_000, 10**6 + 2)
    assert len(joined.samples) == 3


def test_samples_of_a_process_with_few_calls_are_not_its_first_ones() -> None:
    """The first calls of every worker are its coldest: what is taken is spread over all that it has."""
    parts = []
    for number in range(20):
        log = log_of(100)
        log.samples = [(call, 0) for call in range(100)]
        parts.append({**as_content(log), "member": str(number)})
    walls = sorted(sample.wall_ns for sample in _joined(parts).samples)
    assert len(walls) == 1000
    assert walls[0] == 0
    assert walls[len(walls) // 2] == 50
    assert walls[-1] == 98


def test_one_process_that_decorated_twice_is_one() -> None:
    """A module that was loaded again: its threads are the same."""
    parts = [{**as_content(log_of(4)), "member": "1"} for _ in range(2)]
    joined = _joined(parts)
    assert (joined.calls, joined.processes, joined.threads) == (8, 1, 1)


def test_whose_family_this_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The one of the environment, while its head lives, is another and has that folder; else a new one."""
    own = os.getpid()
    monkeypatch.setenv(family.VARIABLE, "nonsense")
    new = family.of_this_process()
    assert new.is_own
    assert os.environ[family.VARIABLE].startswith(f"{own}:")
    assert not new.has_begun
    parent = os.getppid()
    born = family._born(parent)
    folder = tmp_path / f"iobound-{parent}-0"
    monkeypatch.setenv(family.VARIABLE, f"{parent}:{born}:{folder}")
    assert family.of_this_process().head == parent
    others = (f"{parent}:{born}1:{folder}", f"{parent}:{born}:{folder.name}", f"x:{born}:{folder}", f"{parent}")
    for other in (*others, f"{parent}:{born}:{tmp_path}"):
        monkeypatch.setenv(family.VARIABLE, other)
        assert family.of_this_process().is_own


@pytest.mark.parametrize("what", ["readable", "link", "file", "nowhere"])
def test_a_folder_from_the_environment_is_not_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """Whoever set the variable: nothing is written to a place that is not ours alone; this process is a head then."""
    parent = os.getppid()
    folder = tmp_path / f"iobound-{parent}-0"
    victim = tmp_path / "victim"
    victim.mkdir(mode=0o755)
    if what == "readable":
        folder.mkdir()
        folder.chmod(0o755)
    elif what == "link":
        folder.symlink_to(victim)
    elif what == "file":
        folder.write_text("mine")
    else:
        folder = tmp_path / "no" / folder.name
    before = sorted(str(path) for path in tmp_path.rglob("*"))
    monkeypatch.setenv(family.VARIABLE, f"{parent}:{family._born(parent)}:{folder}")
    script = "import iobound\n@iobound.advise\ndef work(): pass\nwork()\nprint(work.report().render('json'))"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert json.loads(ran.stdout)["functions"][0]["calls"] == 1
    assert "1 function advised" in ran.stderr
    assert sorted(str(path) for path in tmp_path.rglob("*")) == before


def test_a_folder_that_others_can_read_is_not_looked_into(tmp_path: Path) -> None:
    """Nor a link to one."""
    own = os.getpid()
    folder = tmp_path / "family"
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)
    assert not family.Family(own, "1", str(folder)).has_begun
    folder.chmod(0o700)
    assert family.Family(own, "1", str(folder)).has_begun
    (tmp_path / "link").symlink_to(folder)
    assert not family.Family(own, "1", str(tmp_path / "link")).has_begun


def test_the_folder_is_ours_alone_whatever_the_umask(tmp_path: Path) -> None:
    """Else nobody could write to it."""
    ours = family.Family(1, "1", str(tmp_path / "family"))
    before = os.umask(0o777)
    try:
        assert ours.has_room_for_us()
    finally:
        os.umask(before)


def test_one_of_many_starts_the_observer(tmp_path: Path) -> None:
    """Whoever comes first."""
    ours = family.Family(1, "1", str(tmp_path / "family"))
    assert [ours.begins() for _ in range(3)] == [True, False, False]
    ours.gives_up()
    assert [ours.begins() for _ in range(2)] == [True, False]
    ours.end()
    assert not (tmp_path / "family").exists()


def test_a_child_that_may_not_start_the_observer_leaves_it_to_its_head(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where only a process itself may ask to be looked at, the head does so at its own first call."""

    def refuses(*_: object) -> int:
        raise attached.observe.NoObserver("not for another process")

    monkeypatch.setattr(attached, "start_for", refuses)
    child = Ledger()
    parent = os.getppid()
    child._family = family.Family(parent, family._born(parent), str(tmp_path / "family"))
    child.begin()
    assert child.why_not.endswith("not for another process")
    assert child.attached is None
    assert child._family.begins()
