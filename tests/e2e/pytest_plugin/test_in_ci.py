"""The plugin in a CI system: a short summary, annotations, the summary of the step."""

from __future__ import annotations

import re

import pytest

SUITE = """
import time

import pytest


@pytest.mark.parametrize("n", range(6))
def test_sleeps(n):
    time.sleep(0.2)
"""


@pytest.fixture
def page(pytester, monkeypatch):
    """The page of a step of GitHub Actions."""
    pytester.makepyfile(test_it=SUITE)
    page = pytester.path / "page.md"
    page.touch()
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(pytester.path.parent))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(page))
    return page


def section(result):
    """Lines of our section of the summary."""
    lines = result.outlines
    begin = next(at for at, line in enumerate(lines) if line.strip("= ") == "iobound")
    return [line for line in lines[begin + 1 : -1] if line]


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "xdist"])
def test_the_summary_is_a_log_with_annotations_told_once(run, page, pytester, workers):
    """Also where several processes run the tests: only the one that was called tells."""
    lines = section(run("--iobound", *workers))
    assert re.match(r"verdict: [a-z]+ - ", lines[0]) and lines[1].startswith("advice: ")
    commands = [line for line in lines if line.startswith("::")]
    assert commands == lines[-len(commands) :]
    place = f"file={pytester.path.name}/test_it.py,line=6"
    assert sum(place in line for line in commands) == 1
    assert any(line.startswith("test: test_it.py:6: ") for line in lines)
    assert page.read_text(encoding="utf-8").count("### iobound suite") == 1


def test_who_wants_no_annotations_gets_none(run, page):
    """The log stays."""
    lines = section(run("--iobound", "--iobound-no-ci"))
    assert lines[0].startswith("verdict: ") and not [line for line in lines if line.startswith("::")]
    assert page.read_text() == ""


def test_the_long_summary_can_be_had_in_ci_and_the_short_one_elsewhere(run, page, monkeypatch):
    """By the same option."""
    assert "Tests that sleep" in "\n".join(section(run("--iobound-report", "text")))
    monkeypatch.delenv("GITHUB_ACTIONS")
    assert any(line.startswith("state: wait_sleep ") for line in section(run("--iobound-report", "log")))


def test_a_failed_gate_is_an_annotation_of_its_own(run, page):
    """And the run fails."""
    result = run("--iobound-fail-on", "wait_sleep>5%")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    lines = section(result)
    assert any(line.startswith("check: failed: wait_sleep>5%") for line in lines)
    assert any(line.startswith("::error ") and "wait_sleep" in line for line in lines)


def test_annotations_point_at_a_summary_that_is_there(run, page):
    """It is written before they are."""
    limits = [word for n in range(9) for word in ("--iobound-fail-on", f"wait_sleep>{n}%")]
    lines = section(run("--iobound", *limits))
    (more,) = [line for line in lines if line.startswith("::notice title=iobound::")]
    assert more.endswith(" in the summary of this step")
    assert page.read_text().count("### iobound suite") == 1


def test_annotations_point_at_no_summary_that_could_not_be_written(run, page):
    """They name the option of the plugin, not that of the command."""
    page.unlink()
    limits = [word for n in range(9) for word in ("--iobound-fail-on", f"wait_sleep>{n}%")]
    lines = section(run("--iobound", *limits))
    (more,) = [line for line in lines if line.startswith("::notice title=iobound::")]
    assert more.endswith(": `--iobound-report json:FILE` has all")
    assert lines[-1].startswith("note: nothing was added to the summary of the step: ")


def test_without_the_plugin_being_asked_nothing_is_told(run, page):
    """Not even in a CI system."""
    result = run()
    assert "::" not in "\n".join(line for line in result.outlines if line.startswith("::"))
    assert page.read_text() == ""
