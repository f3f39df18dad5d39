"""A file that the user named is written whole or not at all."""

from __future__ import annotations

import os
import resource
import stat

import pytest

from iobound.errors import UsageError
from iobound.model.recording import Recording
from iobound.verbs.store import load, save
from iobound.verbs.store.saving import require_writable, write_whole


@pytest.fixture
def recording(make_run) -> Recording:
    run = make_run()
    return run.whole()


def test_a_saved_recording_reads_the_same(tmp_path, recording):
    save(recording, tmp_path / "a.iob")
    assert load(tmp_path / "a.iob") == recording


def test_a_recording_with_more_rows_than_fit_into_a_block(tmp_path, make_run):
    run = make_run(seconds=200)
    recording = run.whole()
    save(recording, tmp_path / "a.iob")
    assert load(tmp_path / "a.iob") == recording


def test_many_long_names_are_spread_over_blocks(tmp_path, recording):
    places = tuple(place._replace(file="\udcff" * 4000) for place in recording.places) * 4
    recording = recording._replace(places=places)
    save(recording, tmp_path / "a.iob")
    assert load(tmp_path / "a.iob") == recording


def test_an_existing_file_is_replaced(tmp_path, recording):
    (tmp_path / "a.iob").write_bytes(b"old")
    save(recording, tmp_path / "a.iob")
    assert load(tmp_path / "a.iob") == recording


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_the_permissions_follow_the_umask(tmp_path, recording, umask, mode):
    before = os.umask(umask)
    try:
        save(recording, tmp_path / "a.iob")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a.iob").stat().st_mode) == mode


def test_a_symbolic_link_is_refused(tmp_path, recording):
    (tmp_path / "target").write_bytes(b"precious")
    (tmp_path / "a.iob").symlink_to(tmp_path / "target")
    with pytest.raises(UsageError, match="symbolic link"):
        save(recording, tmp_path / "a.iob")
    assert (tmp_path / "target").read_bytes() == b"precious"
    assert (tmp_path / "a.iob").is_symlink()


def test_a_directory_and_a_device_are_refused(tmp_path, recording):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe"):
        with pytest.raises(UsageError) as caught:
            save(recording, path)
        assert caught.value.hint


def test_a_missing_directory_is_a_usage_error(tmp_path, recording):
    with pytest.raises(UsageError, match="No such file") as caught:
        save(recording, tmp_path / "none" / "a.iob")
    assert caught.value.hint


def test_what_cannot_be_written_leaves_everything_as_it_was(tmp_path, recording):
    (tmp_path / "a.iob").write_bytes(b"old")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(UsageError, match="too large"):
            save(recording, tmp_path / "a.iob")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a.iob", b"old")]


def test_more_than_a_file_may_hold_is_a_usage_error(tmp_path, recording):
    with pytest.raises(UsageError, match="more than"):
        save(recording._replace(cwd="x" * (9 << 20)), tmp_path / "a.iob")
    assert not list(tmp_path.iterdir())


def test_a_name_as_long_as_the_file_system_allows(tmp_path, recording):
    path = tmp_path / ("x" * 251 + ".iob")
    save(recording, path)
    assert load(path) == recording


def test_a_report_is_written_as_a_recording_is(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "target")
    with pytest.raises(UsageError, match="symbolic link"):
        write_whole("text", tmp_path / "link")
    write_whole("na\udcefve", tmp_path / "report.txt")
    assert (tmp_path / "report.txt").read_bytes() == b"na\\udcefve"


def test_a_place_that_cannot_be_written_is_found_beforehand(tmp_path):
    for path in (tmp_path / "none" / "a.iob", tmp_path, f"{tmp_path}/new/"):
        with pytest.raises(UsageError) as caught:
            require_writable(path)
        assert caught.value.hint
    require_writable(tmp_path / "a.iob")
    assert not list(tmp_path.iterdir())
