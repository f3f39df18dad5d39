"""A cache that is damaged, in the way, shared or without room never disturbs a scan."""

from __future__ import annotations

import errno
import os
import random
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from iobound.verbs.store import cache_folder, cache_tables, digest_of, open_cache

KEY = b"key"
CONTENTS = {f"/tree/module_{number}.py": b"value = %d\n" % number * 40 for number in range(60)}
DIGESTS = {path: digest_of(content) for path, content in CONTENTS.items()}
FACTS = {DIGESTS[path]: b"facts of " + content for path, content in CONTENTS.items()}
STATS = {
    path: os.stat_result((0o100644, number, 1, 1, 0, 0, 9, 0, 0, 0), {"st_mtime_ns": number, "st_ctime_ns": number})
    for number, path in enumerate(CONTENTS)
}
FILES = {path: (STATS[path], DIGESTS[path]) for path in CONTENTS}


@pytest.fixture
def folder(tmp_path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def file(folder) -> Path:
    """The file of a cache that knows everything."""
    keep_all(folder)
    return folder / "scan-1.sqlite3"


def keep_all(folder: Path) -> None:
    cache = open_cache(folder, KEY)
    assert cache is not None
    cache.keep(FILES, FACTS)
    cache.keep_whole(FILES, b"result")
    cache.close()


def require_right(folder: Path) -> int:
    """Whatever it knows is true; how much that is."""
    cache = open_cache(folder, KEY)
    assert cache is not None
    digests, facts = cache.digests(STATS), cache.facts(DIGESTS.values())
    assert facts.items() <= FACTS.items()
    assert cache.whole(DIGESTS) in (None, b"result")
    assert cache.whole_at_a_glance(STATS) in (None, b"result")
    cache.close()
    return len(digests) + len(facts)


def require_works(folder: Path) -> None:
    keep_all(folder)
    assert require_right(folder) == 2 * len(FILES)


@pytest.mark.parametrize(
    "content",
    [b"", b"no database", b"SQLite format 3\0" + bytes(4080), bytes(8192)],
    ids=["empty", "text", "head", "zero"],
)
def test_what_is_no_database_is_made_anew(folder, file, content):
    file.write_bytes(content)
    assert require_right(folder) == 0
    require_works(folder)


@pytest.mark.parametrize(
    "script",
    [
        "CREATE TABLE mine(x)",
        "CREATE TABLE file(path, state, digest); PRAGMA application_id = 1768907379; PRAGMA user_version = 1",
        "CREATE TABLE facts(x); CREATE VIEW whole AS SELECT * FROM facts",
    ],
)
def test_the_database_of_another_program_is_made_anew(folder, script):
    folder.mkdir()
    file = folder / "scan-1.sqlite3"
    connection = sqlite3.connect(file)
    connection.executescript(script)
    connection.close()
    require_works(folder)


def test_a_trigger_that_somebody_added_makes_it_foreign(folder, file):
    connection = sqlite3.connect(file)
    connection.executescript("CREATE TRIGGER late AFTER INSERT ON facts BEGIN DELETE FROM file; END")
    connection.close()
    assert require_right(folder) == 0
    require_works(folder)


def test_damage_anywhere_loses_answers_but_never_makes_wrong_ones(folder, file):
    """Bytes flipped, and the end cut off, at random places."""
    whole, dice, lost = file.read_bytes(), random.Random(5), 0
    for attempt in range(150):
        content = bytearray(whole)
        for _ in range(dice.choice((1, 3, 40))):
            content[dice.randrange(len(content))] ^= 1 << dice.randrange(8)
        if attempt % 5 == 0:
            del content[dice.randrange(len(content)) :]
        file.write_bytes(content)
        lost += require_right(folder) < 2 * len(FILES)
        keep_all(folder)  # does not raise; what was not found to be damaged may stay so
    assert lost > 20
    file.unlink()
    require_works(folder)


def test_damage_that_is_met_late_is_mended_in_the_same_scan(folder, file):
    """The head of the file is sound, a page that is read later is not."""
    content = bytearray(file.read_bytes())
    content[3 * 4096 :] = b"\xff" * len(content[3 * 4096 :])
    file.write_bytes(content)
    cache = open_cache(folder, KEY)
    for _ in range(2):
        cache.digests(STATS)
        cache.facts(DIGESTS.values())
    cache.keep(FILES, FACTS)
    assert (cache.digests(STATS), cache.facts(DIGESTS.values())) == (DIGESTS, FACTS)
    cache.close()


def test_a_folder_that_is_a_link_is_not_used(tmp_path, folder):
    keep_all(folder)
    link = tmp_path / "link"
    link.symlink_to(folder)
    assert open_cache(link, KEY) is None
    assert open_cache(f"{link}/", KEY) is None


@pytest.mark.parametrize("ending", ["", "-journal"])
def test_a_file_that_is_a_link_is_not_used(tmp_path, folder, ending):
    """Neither followed nor removed, and what it points to stays as it is."""
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    folder.mkdir()
    (folder / f"scan-1.sqlite3{ending}").symlink_to(victim)
    assert open_cache(folder, KEY) is None
    assert victim.read_bytes() == b"precious"


def test_a_link_to_nothing_creates_nothing(tmp_path, folder):
    folder.mkdir()
    (folder / "scan-1.sqlite3").symlink_to(tmp_path / "made")
    assert open_cache(folder, KEY) is None
    assert not (tmp_path / "made").exists()


def test_a_pipe_in_its_place_is_not_waited_for(folder):
    folder.mkdir()
    os.mkfifo(folder / "scan-1.sqlite3")
    assert open_cache(folder, KEY) is None


def test_a_folder_that_everybody_can_write_to_is_not_used(folder):
    folder.mkdir()
    folder.chmod(0o777)
    assert open_cache(folder, KEY) is None


@pytest.mark.parametrize("inside", ["{file}", "{file}/below", "/proc/iobound", "{tmp}/a\0b", "{tmp}/" + "n" * 300])
def test_where_no_folder_can_be_made_there_is_no_cache(tmp_path, inside):
    (tmp_path / "file").write_bytes(b"")
    assert open_cache(inside.format(file=tmp_path / "file", tmp=tmp_path), KEY) is None


@pytest.mark.parametrize("reason", [errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EDQUOT])
@pytest.mark.parametrize("call", ["makedirs", "open"])
def test_a_disk_that_takes_nothing_means_no_cache(folder, monkeypatch, reason, call):
    def refuse(*_args, **_more):
        raise OSError(reason, os.strerror(reason))

    monkeypatch.setattr(cache_folder.os, call, refuse)
    assert open_cache(folder, KEY) is None


def test_a_disk_that_fills_up_keeps_what_was_there(folder, file):
    cache = open_cache(folder, KEY)
    pages = cache._connection.execute("PRAGMA page_count").fetchone()[0]
    cache._connection.execute(f"PRAGMA max_page_count = {pages}")
    cache.keep({}, {digest_of(b"%d" % number): bytes(9_000) for number in range(500)})
    cache.keep_whole(FILES, bytes(2_000_000), b"more")
    assert cache.facts(DIGESTS.values()) == FACTS
    assert cache.whole(DIGESTS, b"more") is None
    cache.close()
    require_works(folder)


def test_a_cache_that_cannot_be_written_answers_all_the_same(folder, file):
    cache = open_cache(folder, KEY, began_ns=time.time_ns() + 10 * 86_400 * 10**9)
    cache._connection.execute("PRAGMA query_only = ON")
    assert cache.whole(DIGESTS) == b"result"
    assert cache.facts(DIGESTS.values()) == FACTS
    cache.keep(FILES, {b"new": b"facts"})
    assert cache.facts([b"new"]) == {}
    cache.close()


def test_a_scan_that_holds_the_file_is_waited_for_a_while_only(folder, file, monkeypatch):
    monkeypatch.setattr(cache_tables, "_PATIENCE_S", 0.05)
    cache = open_cache(folder, KEY)
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    assert open_cache(folder, KEY) is None
    assert cache.digests(STATS) == {}
    cache.keep(FILES, FACTS)
    other.execute("COMMIT")
    other.close()
    assert cache.digests(STATS) == DIGESTS
    cache.close()


def test_it_is_private_and_labelled(folder):
    keep_all(folder)
    assert sorted(path.name for path in folder.iterdir()) == [".gitignore", "CACHEDIR.TAG", "scan-1.sqlite3"]
    assert (folder / ".gitignore").read_text(encoding="ascii") == "*\n"
    assert (
        (folder / "CACHEDIR.TAG").read_text(encoding="ascii").startswith("Signature: 8a477f597d28d172789f06886806bc55")
    )
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "scan-1.sqlite3").stat().st_mode) == 0o600


def test_a_folder_of_somebody_gets_no_labels(folder):
    """`--cache-dir .` must not tell Git to ignore a project."""
    folder.mkdir()
    (folder / "main.py").write_bytes(b"")
    keep_all(folder)
    assert sorted(path.name for path in folder.iterdir()) == ["main.py", "scan-1.sqlite3"]


WRITER = """
import os, sys, time
from iobound.verbs.store import digest_of, open_cache
folder, own, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])
print("begins", flush=True)
for number in range(rounds):
    cache = open_cache(folder, b"key")
    names = [f"{own} {number} {part}" for part in range(40)]
    facts = {digest_of(name.encode()): name.encode() * 50 for name in names}
    stat = os.stat_result((0o100644, number, 1, 1, 0, 0, 9, 0, 0, 0), {"st_mtime_ns": 1, "st_ctime_ns": 1})
    cache.keep({name: (stat, digest_of(name.encode())) for name in names}, facts)
    cache.keep_whole({name: (stat, digest_of(name.encode())) for name in names}, b"result")
    assert cache.facts(facts) == facts
    cache.close()
print("done")
"""


def test_scans_at_the_same_time_do_not_disturb_each_other(folder):
    """All that begin with no cache at all, make it, and write to it: nothing is lost."""
    rounds = 15
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, folder, own, str(rounds)], stdout=subprocess.PIPE)
        for own in ("a", "b", "c")
    ]
    assert [writer.communicate(timeout=60)[0] for writer in writers] == [b"begins\ndone\n"] * 3
    names = [f"{own} {number} {part}" for own in "abc" for number in range(rounds) for part in range(40)]
    cache = open_cache(folder, KEY)
    assert len(cache.facts(digest_of(name.encode()) for name in names)) == len(names)
    cache.close()


def test_a_scan_that_is_killed_while_it_writes_leaves_a_sound_cache(folder, file):
    dice = random.Random(3)
    for _ in range(8):
        with subprocess.Popen([sys.executable, "-c", WRITER, folder, "k", "1000000"], stdout=subprocess.PIPE) as writer:
            assert writer.stdout.readline() == b"begins\n"
            time.sleep(dice.random() * 0.1)
            writer.send_signal(signal.SIGKILL)
        assert require_right(folder) == 2 * len(FILES)
    connection = sqlite3.connect(file)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert connection.execute("SELECT count(*) FROM facts").fetchone()[0] > len(FACTS)
    connection.close()
