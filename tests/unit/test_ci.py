"""What of the CI system's environment is used: the checkout, and the page of the step."""

from __future__ import annotations

import os

import pytest

from iobound.pipeline import ci

MARKS = (
    "CI",
    "GITHUB_ACTIONS",
    "GITLAB_CI",
    "TF_BUILD",
    "BUILD_NUMBER",
    "BUILDKITE",
    "CIRCLECI",
    "GITHUB_STEP_SUMMARY",
)


@pytest.fixture(autouse=True)
def nowhere(monkeypatch):
    """In no CI system until a test says so."""
    for name in MARKS:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A checkout of GitHub Actions with another repository in it, and a page."""
    (tmp_path / "shop/web/.git").mkdir(parents=True)
    page = tmp_path / "page.md"
    page.write_text("before")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path / "shop"))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(page))
    return tmp_path / "shop"


def test_names_start_at_the_checkout_of_files_in_it(checkout):
    """Even where there is a .git nearer by: the system names files from its own folder."""
    assert ci.repository(str(checkout / "web")) == str(checkout)
    assert ci.repository(str(checkout)) == str(checkout)


def test_files_outside_of_the_checkout_start_at_their_git(checkout, tmp_path):
    """A folder that merely begins alike is outside."""
    (tmp_path / "shopping/.git").mkdir(parents=True)
    assert ci.repository(str(tmp_path / "shopping")) == str(tmp_path / "shopping")


def test_a_checkout_behind_a_link_is_the_same(checkout, tmp_path, monkeypatch):
    """The working directory is told by its real name."""
    os.symlink(checkout, tmp_path / "link")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path / "link"))
    assert ci.repository(str(checkout / "web")) == str(checkout)


def test_without_a_system_the_git_above_is_the_root(tmp_path):
    """As everywhere else."""
    (tmp_path / "a/.git").mkdir(parents=True)
    (tmp_path / "a/b/c").mkdir(parents=True)
    assert ci.repository(str(tmp_path / "a/b/c")) == str(tmp_path / "a")


def test_reports_of_one_step_stand_one_below_the_other(checkout, tmp_path):
    """What stood there stays; each begins on a line of its own."""
    assert ci.add_to_summary("# one\n") == "" and ci.add_to_summary("# two é\n") == ""
    assert (tmp_path / "page.md").read_text(encoding="utf-8") == "before\n# one\n\n\n# two é\n\n"


def test_a_summary_never_becomes_so_large_that_all_of_it_is_dropped(checkout, tmp_path):
    """The system drops more than 1 MiB as a whole, what others wrote included."""
    refused = [ci.add_to_summary("x" * 99_000) for _ in range(12)]
    assert refused[0] == "" and "900,000" in refused[-1]
    assert 800_000 < (tmp_path / "page.md").stat().st_size <= 900_000


@pytest.mark.parametrize("kind", ["missing", "link", "folder", "pipe", "nul"])
def test_only_a_regular_file_that_is_there_is_written_to(kind, checkout, tmp_path, monkeypatch):
    """A target may have put something else in its place."""
    page, other = tmp_path / "page.md", tmp_path / "other"
    page.unlink()
    other.write_text("mine")
    if kind == "link":
        page.symlink_to(other)
    elif kind == "folder":
        page.mkdir()
    elif kind == "pipe":
        os.mkfifo(page)
    elif kind == "nul":
        monkeypatch.setattr(os, "environ", {**os.environ, "GITHUB_STEP_SUMMARY": "a\0b"})
    assert ci.add_to_summary("text") != ""
    assert other.read_text() == "mine"
    assert page.exists() == (kind in ("link", "folder", "pipe"))


def test_without_a_page_nothing_is_written_and_nothing_is_wrong(monkeypatch):
    """Not every runner has one."""
    assert ci.add_to_summary("text") == ""
