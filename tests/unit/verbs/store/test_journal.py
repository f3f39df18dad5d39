"""A journal keeps what it was given, whatever happens to the disk, and never outgrows its limit by much."""

from __future__ import annotations

import errno
import os
import resource
import stat
from array import array
from pathlib import Path

import pytest

from iobound.errors import UsageError
from iobound.model.increment import Increment
from iobound.model.recording import Recording
from iobound.verbs.store import JournalFile, load

MEBIBYTE = 1 << 20


def _write(path: Path, run, *, limit_bytes: int = 32 * MEBIBYTE) -> JournalFile:
    journal = JournalFile(path, limit_bytes=limit_bytes)
    journal.add(run.opening())
    for increment in run.increments():
        journal.add(increment)
    journal.add(run.closing())
    journal.close()
    return journal


def _threads(recording: Recording):
    return recording.processes[0].threads


def test_a_journal_reads_as_the_parts_it_was_given(tmp_path, make_run):
    run = make_run()
    assert _write(tmp_path / "a.iob", run).failure is None
    again = make_run()
    assert load(tmp_path / "a.iob") == again.whole()


def test_a_journal_can_be_read_after_every_part(tmp_path, make_run):
    run = make_run()
    journal = JournalFile(tmp_path / "a.iob")
    journal.add(run.opening())
    for number, increment in enumerate(run.increments(), start=1):
        journal.add(increment)
        assert len(_threads(load(tmp_path / "a.iob"))[0].marks) == 50 * number
    journal.close()
    assert "ends early" in load(tmp_path / "a.iob").notes[0]


def test_the_file_is_private_whatever_the_umask(tmp_path):
    before = os.umask(0)
    try:
        JournalFile(tmp_path / "a.iob").close()
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a.iob").stat().st_mode) == 0o600


@pytest.mark.parametrize("dangling", [True, False])
def test_a_symbolic_link_is_not_followed(tmp_path, dangling):
    target = tmp_path / "elsewhere"
    if not dangling:
        target.write_bytes(b"precious")
    (tmp_path / "a.iob").symlink_to(target)
    with pytest.raises(UsageError):
        JournalFile(tmp_path / "a.iob")
    assert not target.exists() if dangling else target.read_bytes() == b"precious"


def test_an_existing_file_is_not_touched(tmp_path):
    (tmp_path / "a.iob").write_bytes(b"precious")
    with pytest.raises(UsageError, match="exists already"):
        JournalFile(tmp_path / "a.iob")
    assert (tmp_path / "a.iob").read_bytes() == b"precious"


def test_a_missing_directory_is_a_failure_and_not_an_error(tmp_path, make_run):
    journal = _write(tmp_path / "none" / "a.iob", make_run())
    assert journal.failure is not None
    assert os.strerror(errno.ENOENT) in journal.failure


def test_a_full_disk_is_a_failure_and_not_an_error(make_run, monkeypatch, tmp_path):
    full = os.open("/dev/full", os.O_WRONLY)
    monkeypatch.setattr(os, "open", lambda *_: full)
    journal = _write(tmp_path / "a.iob", make_run())
    assert journal.failure is not None
    assert os.strerror(errno.ENOSPC) in journal.failure


def test_a_file_size_limit_leaves_whole_parts(tmp_path, make_run):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
    try:
        journal = _write(tmp_path / "a.iob", make_run(seconds=30))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert journal.failure is not None
    assert os.strerror(errno.EFBIG) in journal.failure
    recording = load(tmp_path / "a.iob")
    assert 0 < len(_threads(recording)[0].marks) < 3000
    assert not any("damaged" in note for note in recording.notes)


def test_after_a_failure_the_closing_says_what_went_wrong(tmp_path, make_run):
    run = make_run()
    journal = JournalFile(tmp_path / "a.iob")
    journal.add(run.opening())
    first, second, *_ = run.increments()
    journal.add(first)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, ((tmp_path / "a.iob").stat().st_size + 10, hard))
    try:
        journal.add(second)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    journal.add(second._replace(threads=()))
    journal.add(run.closing())
    journal.close()
    recording = load(tmp_path / "a.iob")
    assert recording.exit_code == 3
    assert journal.failure in recording.notes
    assert len(_threads(recording)[0].marks) == 50


def test_closing_twice_and_adding_later_do_nothing(tmp_path, make_run):
    run = make_run()
    journal = _write(tmp_path / "a.iob", run)
    size = (tmp_path / "a.iob").stat().st_size
    journal.close()
    journal.add(run.closing())
    assert (tmp_path / "a.iob").stat().st_size == size


def test_ten_minutes_of_one_busy_thread_and_seven_waiting_stay_below_5_mib(tmp_path, make_run):
    journal = _write(tmp_path / "a.iob", make_run(seconds=600, waiting=7))
    assert journal.failure is None
    assert len(_threads(load(tmp_path / "a.iob"))[0].marks) == 60_000
    assert (tmp_path / "a.iob").stat().st_size < 5 * MEBIBYTE


def test_a_very_long_run_stays_bounded_and_loses_no_counter(tmp_path, make_run):
    limit, run, path = 100_000, make_run(seconds=300, waiting=3), tmp_path / "a.iob"
    journal, largest = JournalFile(path, limit_bytes=limit), 0
    journal.add(run.opening())
    for increment in run.increments():
        journal.add(increment)
        largest = max(largest, path.stat().st_size)
    journal.add(run.closing())
    journal.close()
    assert journal.failure is None
    assert largest <= limit
    recording = load(path)
    assert any("left out" in note for note in recording.notes)
    for index, thread in enumerate(_threads(recording)):
        marks = thread.marks
        assert thread.cpu_ns == run.cpu_ns[index] == marks.cpu[-1]
        assert sum(marks.looks) == run.looks[index]
        assert marks.cpu == array("q", sorted(marks.cpu))
    assert max(_threads(recording)[0].marks.time) == run.end_ns
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_looks_stay_few_enough_for_a_report_however_well_they_compress(tmp_path, make_run):
    """A regular program fits hours into a file that its report could not be made of."""
    run, path = make_run(seconds=300, waiting=3), tmp_path / "a.iob"
    journal = JournalFile(path, most_looks=5_000)
    journal.add(run.opening())
    for increment in run.increments():
        journal.add(increment)
    journal.add(run.closing())
    journal.close()
    assert journal.failure is None
    threads = _threads(load(path))
    assert 1_000 < sum(len(thread.marks) + len(thread.stacks) + len(thread.loops) for thread in threads) < 6_000
    for index, thread in enumerate(threads):
        assert sum(thread.marks.looks) == run.looks[index]
        assert thread.cpu_ns == run.cpu_ns[index]


def test_many_threads_keep_some_looks_each(tmp_path, make_run):
    """More threads than looks must not end the recording, nor leave each with its first and last look only."""
    run, path = make_run(seconds=60, waiting=10), tmp_path / "a.iob"
    journal = JournalFile(path, most_looks=20)
    journal.add(run.opening())
    for increment in run.increments():
        journal.add(increment)
    journal.add(run.closing())
    journal.close()
    assert journal.failure is None
    assert max(len(thread.marks) for thread in _threads(load(path))) > 10


def test_a_growing_wait_is_replaced_in_a_thinned_file(tmp_path, make_run):
    run, path = make_run(seconds=60, waiting=3), tmp_path / "a.iob"
    _write(path, run, limit_bytes=30_000)
    again = make_run(seconds=60, waiting=3)
    whole = again.whole()
    for thinned, complete in zip(_threads(load(path))[1:], _threads(whole)[1:], strict=True):
        rows = set(zip(complete.marks.time, complete.marks.still, complete.marks.cpu, strict=True))
        kept = list(zip(thinned.marks.time, thinned.marks.still, thinned.marks.cpu, strict=True))
        assert set(kept) <= rows
        assert len(kept) == len(set(kept)) < len(rows)
        assert kept[-1] == (complete.marks.time[-1], complete.marks.still[-1], complete.marks.cpu[-1])


def test_tables_that_fill_the_limit_end_the_recording(tmp_path, make_run):
    run, path = make_run(seconds=5), tmp_path / "a.iob"
    journal = _write(path, run, limit_bytes=3000)
    assert journal.failure is not None
    assert "tables" in journal.failure
    assert journal.failure in load(path).notes
    assert path.stat().st_size < 20_000


def test_a_file_that_somebody_else_changed_is_not_trusted(tmp_path, make_run):
    run, path = make_run(seconds=60), tmp_path / "a.iob"
    journal = JournalFile(path, limit_bytes=30_000)
    journal.add(run.opening())
    path.write_bytes(b"")
    for increment in run.increments():
        journal.add(increment)
    journal.close()
    assert journal.failure is not None


def test_every_field_of_an_increment_is_written():
    """A field that is added to the model must be added to `store.parts` and to the document of the format."""
    written = "time_ns channels places stacks processes threads host effort"
    assert set(Increment._fields) == set(written.split())
