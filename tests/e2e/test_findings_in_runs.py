"""What the scanner finds in a program stands in the report of its run, with the time that was measured there."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

PROGRAM = """\
import asyncio
import sys
import time
import urllib.request


async def poll():
    for _ in range(20):
        time.sleep(0.05)


async def silenced():
    time.sleep(0.3)  # iobound: ignore[IOB101]


async def only_on_mondays():
    time.sleep(60)
    time.sleep(61)


def fetch(url):
    with urllib.request.urlopen(url) as answer:
        return answer.read()


def main():
    asyncio.run(poll())
    asyncio.run(silenced())
    if len(sys.argv) > 1:
        asyncio.run(only_on_mondays())
        print([fetch(url) for url in sys.argv[1:]])


main()
"""
HOT, COLD = 9, 17


@pytest.fixture(scope="module")
def observed(shared_runner):
    """The report of a run, and where its recording is."""
    saved = shared_runner.folder / "run.iob"
    script = shared_runner.script(PROGRAM)
    ran = shared_runner.observed(script, options=("--save", str(saved)))
    assert (ran.exit_code, ran.stdout, ran.stderr) == (0, b"", b"")
    return ran.report, saved, script


def test_a_finding_has_the_share_of_its_line(observed):
    report = observed[0]
    (found,) = (finding for finding in report["findings"] if finding["line"] == HOT)
    assert (found["rule"], found["file"]) == ("IOB101", "target.py")
    assert found["severity"] == "info"  # nothing else runs in that loop
    assert 0.4 < found["share"] <= 1
    assert found == report["findings"][0]
    (hotspot,) = (spot for spot in report["hotspots"] if spot["line"] == HOT)
    assert found["share"] == pytest.approx(hotspot["share"], abs=0.02)


def test_a_finding_whose_line_never_ran_has_none(observed):
    (found,) = (finding for finding in observed[0]["findings"] if finding["line"] == COLD)
    assert (found["rule"], found["share"]) == ("IOB101", None)


def test_a_silenced_finding_is_not_told(observed):
    assert 13 not in [finding["line"] for finding in observed[0]["findings"]]


def test_the_names_tell_the_resolved_call_its_share_and_the_rule(observed):
    text = next(row["text"] for row in observed[0]["evidence"] if row["method"] == "names")
    assert "time.sleep (" in text
    assert f"the source has IOB101 at target.py:{HOT} (" in text


def test_findings_are_shown_where_there_are_no_sources(observed, shared_runner, tmp_path):
    report, saved, script = observed
    hidden = tmp_path / "elsewhere.py"
    os.rename(script, hidden)
    try:
        again = shared_runner.iobound("report", "--report", "json", str(saved), cwd="/")
        text = shared_runner.iobound("report", "--width", "80", str(saved), cwd="/").stdout.decode()
    finally:
        os.rename(hidden, script)
    assert json.loads(again.stdout)["findings"] == report["findings"]
    section = text[text.index("What the source says there") :].split("\n\n")[0]
    assert f"target.py:{HOT} IOB101 `time.sleep`" in section
    never = sum(finding["share"] is None for finding in report["findings"])
    assert f"{never} more findings on lines that were not seen running, or only awaited:" in section
    assert max(map(len, section.splitlines())) <= 80


def test_the_scan_says_the_same_of_the_file(observed, shared_runner):
    """With the settings that a scan has by itself."""
    ran = shared_runner.iobound("scan", "--no-cache", "--report", "json", "target.py")
    told = {(finding["rule"], finding["line"]) for finding in json.loads(ran.stdout)["findings"]}
    assert {(finding["rule"], finding["line"]) for finding in observed[0]["findings"]} == told


def test_the_project_says_what_is_looked_for(runner):
    script = runner.script(PROGRAM)
    Path(runner.work, "pyproject.toml").write_text('[tool.iobound.scan]\nignore = ["IOB101"]\n')
    rules = [finding["rule"] for finding in runner.observed(script).report["findings"]]
    assert "IOB101" not in rules


def test_a_mistake_in_the_projects_settings_costs_the_findings_only(runner):
    script = runner.script(PROGRAM)
    Path(runner.work, "pyproject.toml").write_text('[tool.iobound.scan]\nignore = ["NO1"]\n')
    ran = runner.observed(script)
    assert (ran.exit_code, ran.stderr) == (0, b"")
    assert ran.report["findings"] == []
    assert any("NO1" in note for note in ran.report["notes"])


def test_sites_and_findings_agree_on_a_loop(runner):
    """A site's independence and obstacles come from the scan."""
    text = (
        "import time\n\n\ndef step(total, item):\n    time.sleep(0.02)\n    return total + item\n\n\n"
        "def main():\n    total = 0\n    for item in range(30):\n        total = step(total, item)\n\n\nmain()\n"
    )
    (site, *_) = runner.observed(runner.script(text)).report["sites"]
    assert (site["line"], site["independent"]) == (12, "no")
    assert any("total" in obstacle for obstacle in site["obstacles"])


def test_a_program_without_files_has_no_findings(runner):
    report = runner.observed("-c", "import time; time.sleep(0.3)").report
    assert report["findings"] == []
