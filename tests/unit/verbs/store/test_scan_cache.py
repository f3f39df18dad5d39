"""What a scan keeps for the next one."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from iobound.verbs.store import digest_of, open_cache
from iobound.verbs.store.scan_cache import CLOCK_STEP_NS

LATER_NS = 10_000_000_000
KEY = b"version 1, catalogue 2, python 3"


class Tree:
    """Some files, and what a scan knows of them."""

    def __init__(self, folder: Path, count: int = 5) -> None:
        folder.mkdir()
        self.paths = [str(folder / f"module_{number}.py") for number in range(count)]
        for number, path in enumerate(self.paths):
            Path(path).write_text(f"value = {number}\n", encoding="utf-8")

    def stats(self) -> dict[str, os.stat_result]:
        return {path: os.stat(path) for path in self.paths}

    def files(self) -> dict[str, tuple[os.stat_result, bytes]]:
        return {path: (os.stat(path), digest_of(Path(path).read_bytes())) for path in self.paths}

    def digests(self) -> dict[str, bytes]:
        return {path: digest for path, (_, digest) in self.files().items()}

    def facts(self) -> dict[bytes, bytes]:
        return {digest: b"facts of " + path.encode() for path, digest in self.digests().items()}


@pytest.fixture
def tree(tmp_path) -> Tree:
    return Tree(tmp_path / "tree")


@pytest.fixture
def folder(tmp_path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def begin(folder):
    """Opens the cache as a scan does that begins a while after everything was written; ends what was open before."""
    opened = []

    def open_it(key=KEY, *, after_ns=LATER_NS, **more):
        if opened:
            opened.pop().close()
        cache = open_cache(folder, key, began_ns=time.time_ns() + after_ns, **more)
        assert cache is not None
        opened.append(cache)
        return cache

    yield open_it
    if opened:
        opened.pop().close()


def fill(cache, tree: Tree) -> None:
    cache.keep(tree.files(), tree.facts())
    cache.keep_whole(tree.files(), b"result", b"settings")


def test_nothing_is_known_at_first(begin, tree):
    cache = begin()
    assert cache.digests(tree.stats()) == {}
    assert cache.facts(tree.facts()) == {}
    assert cache.whole(tree.digests()) is None
    assert cache.whole_at_a_glance(tree.stats()) is None


def test_what_was_kept_is_known_to_the_next_scan(begin, tree):
    fill(begin(), tree)
    cache = begin()
    assert cache.digests(tree.stats()) == tree.digests()
    assert cache.facts(tree.facts()) == tree.facts()
    assert cache.whole(tree.digests(), b"settings") == b"result"
    assert cache.whole_at_a_glance(tree.stats(), b"settings") == b"result"


def test_many_files_are_more_than_one_question(begin, folder, tmp_path):
    many = Tree(tmp_path / "many", count=1203)
    fill(begin(), many)
    cache = begin()
    assert cache.digests(many.stats()) == many.digests()
    assert cache.facts(many.facts()) == many.facts()


def test_another_key_knows_contents_but_neither_facts_nor_results(begin, tree):
    fill(begin(), tree)
    cache = begin(b"version 2")
    assert cache.digests(tree.stats()) == tree.digests()
    assert cache.facts(tree.facts()) == {}
    assert cache.whole(tree.digests(), b"settings") is None
    assert cache.whole_at_a_glance(tree.stats(), b"settings") is None


@pytest.mark.parametrize(("key", "settings"), [(KEY, b"other"), (KEY, b""), (KEY + b"s", b"ettings")])
def test_a_result_belongs_to_its_settings(begin, tree, key, settings):
    fill(begin(), tree)
    assert begin(key).whole(tree.digests(), settings) is None
    assert begin(key).whole_at_a_glance(tree.stats(), settings) is None


@pytest.mark.parametrize(
    "change", ["content", "same size, times set back", "other file of the same times", "gone", "new"]
)
def test_a_result_belongs_to_all_files_as_they_were(begin, tree, tmp_path, change):
    fill(begin(), tree)
    path, before = Path(tree.paths[2]), os.stat(tree.paths[2])
    if change == "content":
        path.write_text("value = 2 + 0\n", encoding="utf-8")
    elif change == "same size, times set back":
        path.write_text("value = 7\n", encoding="utf-8")
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    elif change == "other file of the same times":
        other = tmp_path / "other.py"
        other.write_text("value = 8\n", encoding="utf-8")
        os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
        os.replace(other, path)
    elif change == "gone":
        path.unlink()
        tree.paths.remove(str(path))
    else:
        path = tmp_path / "tree" / "new.py"
        path.write_bytes(b"")
        tree.paths.append(str(path))
    cache = begin()
    assert set(cache.digests(tree.stats())) == set(tree.paths) - {str(path)}
    assert cache.whole(tree.digests(), b"settings") is None
    assert cache.whole_at_a_glance(tree.stats(), b"settings") is None


def test_equal_contents_elsewhere_are_another_tree(begin, tree, tmp_path):
    fill(begin(), tree)
    twin = Tree(tmp_path / "twin")
    cache = begin()
    assert cache.facts(twin.digests().values()) == tree.facts()
    assert cache.whole(twin.digests(), b"settings") is None


def test_a_file_changed_just_before_the_scan_is_not_trusted(begin, tree):
    """It may change again within one step of the clock, to something of the same size."""
    fill(begin(after_ns=0), tree)
    cache = begin()
    assert cache.digests(tree.stats()) == {}
    assert cache.whole_at_a_glance(tree.stats(), b"settings") is None
    assert cache.facts(tree.facts()) == tree.facts()
    assert cache.whole(tree.digests(), b"settings") == b"result"


def test_trust_begins_one_step_of_the_clock_after_the_last_change(folder):
    changed_ns = 1_700_000_000_123_456_789
    stat = os.stat_result((0o100644, 7, 1, 1, 0, 0, 4, 0, 0, 0), {"st_mtime_ns": 5, "st_ctime_ns": changed_ns})
    for after_ns, known in ((CLOCK_STEP_NS - 1, {}), (CLOCK_STEP_NS, {"/a.py": b"digest"})):
        cache = open_cache(folder, KEY, began_ns=changed_ns + after_ns)
        cache.keep({"/a.py": (stat, b"digest")}, {})
        assert cache.digests({"/a.py": stat}) == known
        cache.close()


def test_numbers_that_no_database_can_hold_are_kept(begin):
    stat = os.stat_result((0o100644, 2**64 - 1, 1, 1, 0, 0, 4, 0, 0, 0), {"st_mtime_ns": -(10**27), "st_ctime_ns": 1})
    begin().keep({"/a.py": (stat, b"digest")}, {})
    assert begin().digests({"/a.py": stat}) == {"/a.py": b"digest"}


def test_names_that_are_not_unicode_are_kept(begin, tree):
    files = {f"{path}\udcff": known for path, known in tree.files().items()}
    begin().keep(files, {})
    begin().keep_whole(files, b"result")
    cache = begin()
    assert cache.digests({path: stat for path, (stat, _) in files.items()}).keys() == files.keys()
    assert cache.whole_at_a_glance({path: stat for path, (stat, _) in files.items()}) == b"result"


def test_a_closed_cache_knows_nothing_and_keeps_nothing(begin, tree):
    cache = begin()
    cache.close()
    cache.close()
    fill(cache, tree)
    assert cache.digests(tree.stats()) == {}
    assert begin().facts(tree.facts()) == {}


def test_what_was_unused_for_longest_makes_room(begin, folder):
    """The limit is kept on disk, and facts that are asked for count as used."""
    content = {number: number.to_bytes(2, "big") * 5_000 for number in range(60)}
    digests = {number: digest_of(data) for number, data in content.items()}
    for number, data in content.items():
        cache = begin(after_ns=number * 2 * 86_400 * 10**9, limit_bytes=300_000)
        cache.facts([digests[0]])
        cache.keep({}, {digests[number]: data})
    known = begin().facts(digests.values())
    assert digests[0] in known
    assert digests[1] not in known
    assert {digests[number] for number in range(50, 60)} <= set(known)
    begin()
    assert 150_000 < (folder / "scan-1.sqlite3").stat().st_size < 330_000


def test_results_of_few_trees_are_kept(begin, tree):
    cache = begin()
    for number in range(12):
        cache.keep_whole(tree.files(), b"%d" % number, b"%d" % number)
    known = [cache.whole(tree.digests(), b"%d" % number) for number in range(12)]
    assert known == [None] * 4 + [b"%d" % number for number in range(4, 12)]


def test_a_result_too_large_for_the_limit_is_not_kept(begin, tree):
    cache = begin(limit_bytes=1_000_000)
    cache.keep_whole(tree.files(), bytes(500_000), b"large")
    cache.keep_whole(tree.files(), bytes(50_000), b"small")
    assert cache.whole(tree.digests(), b"large") is None
    assert cache.whole(tree.digests(), b"small") == bytes(50_000)


def test_it_loads_no_database_before_it_is_used():
    code = "import sys; from iobound.verbs.store import open_cache, digest_of; print('sqlite3' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "False"


def test_it_is_quick_enough_for_thousands_of_files(begin, tmp_path):
    """A scan that finds nothing changed waits for its cache a fraction of what looking at all files took."""
    many = Tree(tmp_path / "many", count=2_000)
    fill(begin(), many)
    began = time.process_time()
    stats = many.stats()
    looked_s = time.process_time() - began
    cache = begin()
    began = time.process_time()
    assert cache.whole_at_a_glance(stats, b"settings") == b"result"
    assert time.process_time() - began < 5 * looked_s


def test_the_file_is_a_database_of_ours(begin, tree, folder):
    fill(begin(), tree)
    begin().close()
    connection = sqlite3.connect(folder / "scan-1.sqlite3")
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert connection.execute("SELECT count(*) FROM facts").fetchone() == (5,)
    connection.close()
