"""Patterns mean what git means by them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iobound.model.path_patterns import PathPatterns

PARTS = ("a", "b", "ab", "a.py", "-", "a]", "[a", "!a", "#a", "a b", "a ", "\\a", "A")
ATOMS = (
    *(
        "a",
        "b",
        "*",
        "**",
        "/",
        "?",
        "[ab]",
        "[!a]",
        "[^b]",
        "[a-c]",
        "[",
        "[a-",
        "[[:alpha:]]",
        "[[:no:]]",
        "\\",
        "\\*",
    ),
    *("!", "#", " ", ".py", "]", "-", "[]a]", "[!]]", "**/", "/**", "/**/", "***", "[\\]]", "[b-a]", "[+-0]", "[a-]"),
)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str], set[str]]:
    """A repository with hard names: its top, all paths, and those that are directories."""
    top = tmp_path_factory.mktemp("repository")
    subprocess.run(["git", "init", "-q", str(top)], check=True)
    for outer in PARTS[:6]:
        for inner in PARTS:
            (top / outer / inner).mkdir(parents=True, exist_ok=True)
            for name in PARTS[:3]:
                (top / outer / inner / name).touch()
    for name in PARTS[6:]:
        (top / name).touch()
    paths = [path for path in top.rglob("*") if ".git" not in path.parts]
    names = {path: str(path.relative_to(top)) for path in paths}
    return top, sorted(names.values()), {name for path, name in names.items() if path.is_dir()}


def ignored_by_git(top: Path, paths: list[str], lines: list[str]) -> set[str]:
    (top / ".gitignore").write_text("\n".join(lines) + "\n", encoding="utf-8", newline="")
    done = subprocess.run(
        ["git", "-C", str(top), "check-ignore", "--no-index", "--stdin", "-z"],
        input="\0".join(paths),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    return set(done.stdout.split("\0")) - {""}


def in_order(pattern: str) -> bool:
    return "//" not in pattern  # which git itself takes for this or that


@given(st.lists(st.lists(st.sampled_from(ATOMS), min_size=1, max_size=5).map("".join).filter(in_order), max_size=4))
def test_git_agrees(tree: tuple[Path, list[str], set[str]], lines: list[str]) -> None:
    """On any patterns, for every path of a tree."""
    top, paths, directories = tree
    patterns = PathPatterns(lines)
    ours = {path for path in paths if patterns.cover(path, directory=path in directories)}
    assert ours == ignored_by_git(top, paths, lines)


@pytest.mark.parametrize(
    "lines",
    [
        ["a.py\r"],
        ["a\\ ", "!ab"],
        ["a  "],
        ["\\#a", "\\!a"],
        ["# a", "", "/"],
        ["/a/**", "!/a/b/"],
        ["*", "!*/", "!a.py"],
        ["a/*/ab"],
        ["**/a.py/b"],
        ["[[:upper:]]", "[[:alpha:][:punct:]]b"],
    ],
)
def test_git_agrees_on_what_people_write(tree: tuple[Path, list[str], set[str]], lines: list[str]) -> None:
    """Ends of lines, escapes, comments, directories."""
    top, paths, directories = tree
    patterns = PathPatterns(lines)
    ours = {path for path in paths if patterns.cover(path, directory=path in directories)}
    assert ours == ignored_by_git(top, paths, lines)


@pytest.mark.parametrize(
    ("pattern", "path"),
    [("*a" * 30 + "b", "a" * 250), ("**/a/" * 30 + "b", "a/" * 2000), ("**/*a*a*a/" * 20 + "b", "aaaaaaaa/" * 400)],
)
def test_a_hostile_pattern_takes_no_time(pattern: str, path: str) -> None:
    """Such as would take a backtracking matcher until the end of the world."""
    assert PathPatterns([pattern]).matches(path) is None


def test_without_patterns_nothing_is_said() -> None:
    """Neither way."""
    assert not PathPatterns(["", "# nothing"])
    assert PathPatterns([]).matches("a") is None
    assert not PathPatterns([]).cover("a/b")


@given(st.text(), st.text(min_size=1).filter(lambda path: "\0" not in path))
def test_any_text_is_a_pattern(pattern: str, path: str) -> None:
    """Nothing that is written there is an error."""
    assert PathPatterns([pattern]).matches(path) in (True, False, None)
