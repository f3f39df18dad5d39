"""What changed since a revision, asked of real repositories."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from iobound.errors import UsageError
from iobound.model.scan_options import ScanOptions
from iobound.verbs.gather import changed, gather
from iobound.verbs.gather.changed import WHOLE


def git(*words: str) -> None:
    identity = ("-c", "user.name=Ann", "-c", "user.email=ann@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *identity, *words], check=True, capture_output=True, stdin=subprocess.DEVNULL)


def write(name: str, *lines: str) -> None:
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def commit() -> None:
    git("add", "-A")
    git("commit", "-q", "-m", "as it is")


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One commit with a file of five lines."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    git("init", "-q", "-b", "main")
    write("a.py", "one", "two", "three", "four", "five")
    commit()
    return folder


def lines(revision: str = "HEAD", *paths: str, **options: object) -> dict[str, list[tuple[int, int]]]:
    files = gather(ScanOptions(paths=paths or (".",), **options)).files  # type: ignore[arg-type]
    return {name: [tuple(each) for each in ranges] for name, ranges in changed(revision, files).items()}


def test_nothing_changed() -> None:
    """Then there is nothing to look at."""
    assert lines() == {}


def test_changed_and_added_lines_are_told_and_deleted_ones_are_not() -> None:
    """In the numbers of the file as it is now."""
    write("a.py", "one", "TWO", "three", "four", "five", "six", "seven")
    assert lines() == {"a.py": [(2, 2), (6, 7)]}
    write("a.py", "one", "five")
    assert lines() == {}


def test_what_was_committed_since_counts() -> None:
    """`--diff main` on a branch tells what the branch did, whether committed or staged or neither."""
    git("checkout", "-q", "-b", "work")
    write("a.py", "one", "TWO", "three", "four", "five")
    commit()
    write("b.py", "new")
    git("add", "b.py")
    write("c.py", "newer")
    assert lines("main") == {"a.py": [(2, 2)], "b.py": [(1, 1)], "c.py": [tuple(WHOLE[0])]}


def test_from_where_the_work_left_a_branch() -> None:
    """`main...` leaves out what others did on it meanwhile."""
    git("checkout", "-q", "-b", "work")
    write("b.py", "mine")
    commit()
    git("checkout", "-q", "main")
    write("a.py", "one", "two", "theirs", "four", "five")
    commit()
    git("checkout", "-q", "work")
    assert set(lines("main")) == {"a.py", "b.py"}
    assert set(lines("main...")) == {"b.py"}


def test_a_renamed_file_has_what_was_changed_beside() -> None:
    """Its lines are not all new."""
    git("mv", "a.py", "z.py")
    assert lines() == {}
    write("z.py", "one", "two", "three", "four", "FIVE")
    assert lines() == {"z.py": [(5, 5)]}


def test_an_untracked_file_is_new_unless_git_ignores_it() -> None:
    """One that git does not know yet has all of its lines."""
    write(".gitignore", "gone.py")
    write("gone.py", "x")
    write("sub/new.py", "x")
    assert lines("HEAD", ".", "gone.py") == {"sub/new.py": [tuple(WHOLE[0])]}


def test_only_what_was_asked_for_is_told() -> None:
    """By the names that the files have there, from wherever in the repository."""
    write("sub/b.py", "x")
    write("a.py", "ONE")
    assert set(lines("HEAD", "sub")) == {"sub/b.py"}
    os.chdir("sub")
    assert lines("HEAD", "..")["../a.py"] == [(1, 1)]
    assert set(lines("HEAD", ".")) == {"b.py"}


def test_a_script_without_suffix() -> None:
    """Is asked for by its name, whatever that is."""
    for name in ("script", ":!a.py"):
        write(name, "x")
    commit()
    for name in ("script", ":!a.py"):
        write(name, "y")
    assert lines("HEAD", "script", ":!a.py") == {"script": [(1, 1)], ":!a.py": [(1, 1)]}


def test_many_files_are_asked_for_at_once() -> None:
    """However many there are, git is asked twice."""
    for number in range(600):
        write(f"many/m{number}.py", "x")
    assert len(lines()) == 600


def test_names_that_git_quotes() -> None:
    """Space, tab, line end, quotes, backslash, no ASCII, no UTF-8, and what looks like magic of git."""
    hard = ["a b.py", "t\tb.py", "n\nl.py", 'q"q.py', "b\\n.py", "ü.py", ":(top)x.py", "*.py", "-x.py"]
    names = [*hard, os.fsdecode(b"caf\xe9.py")]
    for name in names:
        write(name, "x", "y")
    commit()
    for name in names:
        write(name, "x", "z")
    assert lines() == {name: [(2, 2)] for name in names}


def test_lines_that_look_like_a_patch_are_lines() -> None:
    """What is in a hunk is not read."""
    write("a.py", "++ b/other.py", "@@ -1 +7,3 @@", "diff --git a/x b/x", "-- a/x")
    assert lines() == {"a.py": [(1, 4)]}


def test_what_is_configured_changes_nothing(repository: Path) -> None:
    """No prefix, other prefixes, colours, an external diff, words from the environment."""
    write("a.py", "one", "TWO", "three", "four", "five")
    mark = repository / "ran"
    for key, value in {
        "diff.noprefix": "true",
        "diff.mnemonicPrefix": "true",
        "color.ui": "always",
        "diff.external": f"touch {mark};:",
        "core.fsmonitor": f"touch {mark};:",
        "diff.context": "5",
        "diff.relative": "true",
        "diff.algorithm": "patience",
    }.items():
        git("config", key, value)
    assert lines() == {"a.py": [(2, 2)]}
    assert not mark.exists()


@pytest.mark.parametrize(
    "revision", ["--output=x", "-p", "", "...", "no-such-branch", "HEAD\n--", "HEAD; touch x", "a\0b"]
)
def test_a_revision_that_is_none_is_refused(revision: str) -> None:
    """And nothing of it is taken for an option or run."""
    with pytest.raises(UsageError) as caught:
        lines(revision)
    assert caught.value.hint
    assert not Path("x").exists()


def test_a_revision_may_not_be_a_file() -> None:
    """`a.py` is a path, and no commit."""
    with pytest.raises(UsageError, match=r"a\.py"):
        lines("a.py")


def test_outside_of_a_repository(tmp_path: Path) -> None:
    """It is said, with what to do."""
    write("../outside/b.py", "x")
    with pytest.raises(UsageError, match="outside") as caught:
        lines("HEAD", "../outside")
    assert "--diff" in (caught.value.hint or "")


def test_without_git(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said."""
    files = gather(ScanOptions()).files
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(UsageError, match="no git"):
        changed("HEAD", files)


def test_two_repositories(repository: Path) -> None:
    """Each is asked for its own files."""
    os.chdir("..")
    write("other/b.py", "x")
    git("init", "-q", "other")
    os.chdir("other")
    commit()
    write("b.py", "y")
    assert lines("HEAD", ".", "../here") == {"b.py": [(1, 1)]}


def test_standard_input_stands_for_its_file() -> None:
    """What changed on disk, for the buffer of an editor."""
    write("a.py", "one", "TWO", "three", "four", "five")
    assert lines("HEAD", "-", stdin_filename="a.py") == {"a.py": [(2, 2)]}
