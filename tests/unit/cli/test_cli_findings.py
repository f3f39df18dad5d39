"""How the reports of a scan are asked for, and where they go."""

from __future__ import annotations

import io
import json

import pytest
from finding_stories import STORIES

from iobound.cli import options
from iobound.cli.main import main
from iobound.errors import UnknownFormat, UsageError
from iobound.pipeline import TEXT, ReportWish, listed, screen, telling
from iobound.pipeline.wishes import wishes

FORMATS = telling.finding_formats()
NOWHERE = telling.roots()


def parsed(*words):
    """The options of a scan."""
    parser = options.Parser(prog="iobound scan")
    options.add_finding_options(parser)
    return parser.parse_args(list(words))


def test_formats_of_a_scan_are_taken():
    """With a path or without, and several times."""
    given = parsed("--report", "sarif:out.sarif", "--report=github", "--concise", "--width=70")
    assert wishes(given.report, FORMATS) == (ReportWish("sarif", "out.sarif"), ReportWish("github"))
    assert (given.concise, given.width) == (True, 70)
    assert wishes(parsed().report, FORMATS) == (TEXT,)


def test_the_help_names_every_format():
    """So that nobody has to guess."""
    parser = options.Parser(prog="iobound scan")
    options.add_finding_options(parser)
    help_ = " ".join(parser.format_help().split())
    assert all(name in help_ for name in FORMATS)


def test_formats_of_runs_are_not_all_those_of_scans():
    """A scan has no time to draw; what it has, a run has, too."""
    with pytest.raises(UnknownFormat) as problem:
        wishes(["speedscope"], FORMATS)
    assert "junit" in (problem.value.hint or "")
    assert [wish.format for wish in wishes(FORMATS)] == list(FORMATS)


def test_a_file_that_cannot_be_written_is_told_before_the_scan(tmp_path):
    """Not after minutes of work."""
    with pytest.raises(UsageError):
        wishes([f"json:{tmp_path}/no/such/folder/x.json"], FORMATS)


def test_reports_go_to_their_files_and_to_the_stream(tmp_path):
    """Each to where it was asked for; files are plain, in Unicode, and hold the whole."""
    path = tmp_path / "scan.json"
    out = io.StringIO()
    wishes = (ReportWish("json", str(path)), TEXT)
    screen.show(listed.ToldScan(STORIES["mixed"](), NOWHERE), wishes, out, concise=True)
    assert len(json.loads(path.read_text(encoding="utf-8"))["findings"]) == 5
    assert out.getvalue().startswith("app/crawl.py:24:5: IOB201 warning: ")


def test_one_file_that_fails_does_not_keep_back_the_others(tmp_path):
    """And it is told at the end."""
    out = io.StringIO()
    wishes = (ReportWish("json", str(tmp_path)), ReportWish("markdown"))
    with pytest.raises(UsageError):
        screen.show(listed.ToldScan(STORIES["mixed"](), NOWHERE), wishes, out)
    assert out.getvalue().startswith("<!-- iobound:scan -->")


def test_names_start_at_the_root_of_the_repository():
    """Where a code host looks for them."""
    out = io.StringIO()
    roots = telling.roots("/p/web", "/p")
    screen.show(listed.ToldScan(STORIES["mixed"](), roots), [ReportWish("github")], out)
    assert "file=web/app/poll.py," in out.getvalue()
    assert "`web/app/poll.py:12`" in listed.step_summary(listed.of_scan(STORIES["mixed"](), roots))


def test_a_check_of_a_scan_that_fails_is_told_in_every_format_of_listings(tmp_path, monkeypatch, capsys):
    """A job that turns red says why where people look: at the line, in the list of tests, in the summary."""
    monkeypatch.chdir(tmp_path)
    page = tmp_path / "summary.md"
    page.touch()
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(page))
    (tmp_path / "app.py").write_text("import time\nasync def f():\n    time.sleep(1)\n")
    asked = ["--check", "count(findings[IOB101])==0", "--check", "count(findings[IOB201])==0"]
    assert main(["scan", "app.py", *asked, "--report", "log", "--report", "junit:out.xml", "--report", "gitlab:q"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].startswith("advice: app.py:3:5: use `await asyncio.sleep(…)`")
    assert [line.partition(": count")[0] for line in lines if line.startswith("check: ")] == [
        "check: failed",
        "check: passed",
    ]
    assert any(line.startswith("::error file=app.py,line=3,endLine=3,title=check failed::") for line in lines)
    assert "check failed" in page.read_text()
    assert '<failure type="check"' in (tmp_path / "out.xml").read_text()
    assert [each["check_name"] for each in json.loads((tmp_path / "q").read_text())] == ["check", "IOB101"]
    assert main(["scan", "app.py", *asked, "--report", "text"]) == 1
    assert "iobound explain IOB101" in capsys.readouterr().out
    assert main(["scan", "app.py", *asked, "--report", "json"]) == 1
    assert json.loads(capsys.readouterr().out)["counts"] == {"info": 0, "warning": 1, "error": 0}
