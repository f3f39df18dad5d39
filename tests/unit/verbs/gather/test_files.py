"""What paths stand for: walking, excluding, and what is never opened."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from iobound.errors import UsageError
from iobound.model.gathered import Gathered
from iobound.model.scan_options import ScanOptions
from iobound.verbs.gather import gather
from iobound.verbs.gather.files import BROKEN_LINKS, LARGEST_FOUND_BYTES, NOT_REGULAR, TEST_FILES, TOO_LARGE


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty directory to work in."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def make(*names: str, text: str = "x = 1\n") -> None:
    for name in names:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text, encoding="utf-8")


def found(*paths: str, **options: object) -> Gathered:
    return gather(ScanOptions(paths=paths or (".",), **options))  # type: ignore[arg-type]


def names(*paths: str, **options: object) -> list[str]:
    return [file.name for file in found(*paths, **options).files]


def test_a_directory_gives_its_python_files_in_order() -> None:
    """Modules, windowed scripts and notebooks; stubs and others run nothing."""
    make("b.py", "a/z.py", "a/b/c.py", "gui.pyw", "n.ipynb", "stub.pyi", "README.md", "script")
    assert names() == ["a/b/c.py", "a/z.py", "b.py", "gui.pyw", "n.ipynb"]


def test_names_are_as_they_were_asked_for(here: Path) -> None:
    """Below the path as given, without what says nothing."""
    make("src/a.py")
    assert names("src/") == names("./src") == names("src//.") == ["src/a.py"]
    assert names(str(here)) == [f"{here}/src/a.py"]
    os.chdir("src")
    assert names("../src") == ["../src/a.py"]


def test_each_file_comes_once_and_paths_keep_their_order() -> None:
    """However many paths lead to it."""
    make("b/x.py", "a/y.py")
    assert names("b", "a", ".", "b/x.py") == ["b/x.py", "a/y.py"]


def test_a_named_file_is_taken_whatever_it_is() -> None:
    """No suffix, a test, excluded or large: who names it wants it."""
    make("script", "tests/test_a.py", "build/b.py")
    Path("large.py").write_bytes(b"#" * (LARGEST_FOUND_BYTES + 1))
    given = ["script", "tests/test_a.py", "build/b.py", "large.py"]
    assert names(*given) == given


def test_pre_commit_names_files_and_means_what_is_not_excluded() -> None:
    """With `force_exclude` a named file counts as found."""
    make("build/b.py", "src/a.py", "src/gen/c.py", "ignored.py")
    make(".gitignore", text="ignored.py\n")
    subprocess.run(["git", "init", "-q"], check=True)
    given = ("build/b.py", "src/a.py", "src/gen/c.py", "ignored.py")
    assert names(*given, force_exclude=True, extend_exclude=("gen",)) == ["src/a.py"]


def test_tests_are_left_out_and_counted() -> None:
    """By their directory or their name, unless they are asked for."""
    make("a.py", "test_a.py", "a_test.py", "conftest.py", "tests/helper.py", "x/testing/deep/y.py", "contest.py")
    gathered = found()
    assert [file.name for file in gathered.files] == ["a.py", "contest.py"]
    assert gathered.left_out == {TEST_FILES: 5}
    assert len(names(tests=True)) == 7


def test_a_directory_of_tests_that_is_named_is_looked_at() -> None:
    """`iobound scan tests` asks for them."""
    make("tests/test_a.py", "tests/testing/b.py")
    assert names("tests") == ["tests/test_a.py", "tests/testing/b.py"]


def test_a_test_that_is_named_is_not_left_out_as_well() -> None:
    """What is scanned is not counted among the rest."""
    make("test_a.py", "test_b.py")
    gathered = found(".", "test_a.py")
    assert [file.name for file in gathered.files] == ["test_a.py"]
    assert gathered.left_out == {TEST_FILES: 1}


def test_large_files_of_a_directory_are_counted() -> None:
    """One megabyte is taken, a byte more is not."""
    Path("fits.py").write_bytes(b"#" * LARGEST_FOUND_BYTES)
    Path("large.py").write_bytes(b"#" * (LARGEST_FOUND_BYTES + 1))
    gathered = found()
    assert [file.name for file in gathered.files] == ["fits.py"]
    assert gathered.left_out == {TOO_LARGE: 1}


def test_what_nobody_wrote_is_excluded() -> None:
    """Caches, environments and builds, wherever they are; not what a path is given to."""
    make("a.py", ".venv/lib/b.py", "sub/node_modules/c.py", "build/d.py", "building/e.py")
    assert names() == ["a.py", "building/e.py"]
    assert names("build") == ["build/d.py"]


def test_patterns_belong_to_the_root() -> None:
    """One with a slash is anchored where the project is, whichever directory is walked; `!` takes back in."""
    make("src/gen/a.py", "src/b.py", "src/deep/gen/c.py", "src/deep/keep.py")
    assert names("src", extend_exclude=("/src/gen/",)) == ["src/b.py", "src/deep/gen/c.py", "src/deep/keep.py"]
    assert names("src", extend_exclude=("gen", "deep/*", "!keep.py")) == ["src/b.py", "src/deep/keep.py"]
    os.chdir("src")
    assert names(".", root="..", extend_exclude=("src/gen",)) == ["b.py", "deep/gen/c.py", "deep/keep.py"]


def test_an_own_list_replaces_what_is_excluded() -> None:
    """As `exclude` of ruff does."""
    make("build/a.py", "b.py")
    assert names(exclude=("b.py",)) == ["build/a.py"]


def test_gitignore_files_count_where_they_are() -> None:
    """The innermost that speaks of a path decides, and nothing comes back from an ignored directory."""
    make("a.py", "x/a.py", "x/b.py", "x/y/a.py", "gone/z.py")
    make(".gitignore", text="a.py\ngone/\n!gone/z.py\n")
    make("x/.gitignore", text="!/a.py\nb.py\n")
    assert names() == ["x/a.py"]
    assert len(names(respect_gitignore=False)) == 5


def test_gitignore_files_above_count_in_a_repository() -> None:
    """Also what only this clone ignores; outside of a repository a directory stands for itself."""
    make("a/b/c.py", "a/b/d.py", "a/b/e.py")
    make(".gitignore", text="/a/b/c.py\n")
    assert names("a/b") == ["a/b/c.py", "a/b/d.py", "a/b/e.py"]
    subprocess.run(["git", "init", "-q"], check=True)
    Path(".git/info/exclude").write_text("d.py\n", encoding="utf-8")
    assert names("a/b") == ["a/b/e.py"]


def test_an_ignored_directory_that_is_named_is_looked_at() -> None:
    """A virtual environment ignores itself with `*`; who names what is in it wants that."""
    make("env/lib/a.py", "env/lib/b.py")
    make("env/.gitignore", text="*\n")
    make("env/lib/.gitignore", text="b.py\n")
    subprocess.run(["git", "init", "-q"], check=True)
    assert names() == []
    assert names("env/lib") == ["env/lib/a.py"]


def test_git_agrees_on_nested_ignore_files() -> None:
    """What is found is what git would add."""
    make("a.py", "p/a.py", "p/q/a.py", "p/q/b.py", "r/a.py", "r/s/t/a.py", "r/s/t/b.py")
    make(".gitignore", text="/a.py\nq/*\n!q/b.py\nr/**/b.py\n")
    make("p/.gitignore", text="!a.py\n")
    make("r/s/.gitignore", text="/t/a.*\n")
    subprocess.run(["git", "init", "-q"], check=True)
    listed = subprocess.run(
        ["git", "ls-files", "--others", "--exclude-standard", "*.py"], capture_output=True, text=True, check=True
    )
    assert names() == sorted(listed.stdout.split())


def test_loops_of_links_end_and_links_to_files_are_followed() -> None:
    """A link to a directory is not entered; a link to nowhere is counted; one that is named is followed."""
    make("real/a.py")
    os.symlink("..", "real/loop")
    os.symlink("real", "linked")
    os.symlink("a.py", "real/b.py")
    os.symlink("nowhere", "real/c.py")
    os.symlink("me.py", "real/me.py")
    os.symlink(".", "real/folder.py")
    gathered = found()
    assert [file.name for file in gathered.files] == ["real/a.py", "real/b.py"]
    assert gathered.left_out == {BROKEN_LINKS: 2}
    assert names("linked") == ["linked/a.py", "linked/b.py"]


def test_pipes_are_never_opened() -> None:
    """In a directory one is counted, on the command line it is refused; neither waits for a writer."""
    os.mkfifo("pipe.py")
    assert found().left_out == {NOT_REGULAR: 1}
    with pytest.raises(UsageError, match=r"pipe\.py is no regular file"):
        found("pipe.py")
    with pytest.raises(UsageError, match="/dev/zero"):
        found("/dev/zero")


def test_a_directory_may_be_called_like_a_file() -> None:
    """`x.py/` is walked."""
    make("x.py/a.py")
    assert names() == ["x.py/a.py"]


def test_names_need_not_be_utf_8() -> None:
    """They are kept so that they can be opened."""
    raw = b"caf\xe9.py"
    Path(os.fsdecode(raw)).write_text("", encoding="utf-8")
    make("new\nline.py")
    gathered = found()
    assert [os.fsencode(file.name) for file in gathered.files] == [raw, b"new\nline.py"]
    assert all(os.path.exists(file.path or "") for file in gathered.files)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_directory_that_may_not_be_read_is_told() -> None:
    """The rest is found."""
    make("a.py", "shut/b.py")
    os.chmod("shut", 0)
    try:
        gathered = found()
    finally:
        os.chmod("shut", 0o700)
    assert [file.name for file in gathered.files] == ["a.py"]
    assert [unread.name for unread in gathered.unread] == ["shut"]


def test_a_directory_that_fails_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the reason, the rest is found."""
    make("a.py", "shut/b.py")
    real = os.scandir

    def scandir(path: str) -> object:
        if path == "shut":
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    gathered = found()
    assert [file.name for file in gathered.files] == ["a.py"]
    assert gathered.unread == (("shut", "Permission denied"),)


@pytest.mark.parametrize("path", ["nothing.py", "", "a\0b", "x" * 300, "link"])
def test_a_path_that_is_not_there_is_a_usage_error(path: str) -> None:
    """With the path in the message."""
    os.symlink("nowhere", "link")
    with pytest.raises(UsageError):
        found(path)


def test_standard_input_has_the_name_that_it_is_given() -> None:
    """`-` where there is none; it comes once."""
    assert names("-") == ["-"]
    (file,) = found("-", "-", stdin_filename="src/a.ipynb").files
    assert (file.name, file.path, file.is_notebook) == ("src/a.ipynb", None, True)


def test_size_and_time_are_those_of_the_file() -> None:
    """A cache can tell by them that nothing changed."""
    make("a.py", text="12345")
    os.utime("a.py", ns=(1, 1_700_000_000_123_456_789))
    (file,) = found().files
    assert (file.size, file.modified_ns) == (5, 1_700_000_000_123_456_789)


def test_a_long_gitignore_counts_as_far_as_it_is_read() -> None:
    """Up to the last line that is whole: half a pattern is another one."""
    make("a.py", "b/c.py", "b.py")
    comment = "#" * (200_000 - len("a.py\n\nb"))
    make(".gitignore", text=f"a.py\n{comment}\nb.py\n")
    assert names() == ["b.py", "b/c.py"]
