"""What machines read of a scan.

`sarif-schema-2.1.0.json` is that of OASIS, unchanged:
https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest
from finding_stories import CELL, LOOP, SLEEP, STORIES

from iobound.errors import UnknownFormat
from iobound.model.finding import ScanResult, Span
from iobound.verbs import report
from iobound.verbs.report.findings import as_json

STYLE = report.TextStyle()
SARIF = json.loads(Path(__file__).with_name("sarif-schema-2.1.0.json").read_text(encoding="utf-8"))


def written(result, format, **roots):
    """A scan in one format."""
    return report.render_findings(result, format, style=STYLE, roots=report.Roots(**roots))


def sarif_run(result, **roots):
    """The one run of a SARIF log, after the whole has been held against the official schema."""
    log = json.loads(written(result, "sarif", **roots))
    jsonschema.Draft4Validator(SARIF).validate(log)
    return log["runs"][0]


def test_an_unknown_format_names_those_that_there_are():
    """So that the reader can go on."""
    with pytest.raises(UnknownFormat) as problem:
        written(ScanResult(()), "html")
    assert "sarif" in (problem.value.hint or "")


@pytest.mark.parametrize("story", STORIES)
def test_json_keeps_to_its_schema(story):
    """Keys, types, and nothing that is not described."""
    jsonschema.Draft202012Validator.check_schema(report.scan_schema())
    document = json.loads(written(STORIES[story](), "json"))
    jsonschema.Draft202012Validator(report.scan_schema()).validate(document)
    assert document["schema"] == as_json.SCHEMA == report.scan_schema()["title"]
    assert sum(document["counts"].values()) == len(document["findings"])


@pytest.mark.parametrize("key", list(as_json.document(report.findings.scan_of(ScanResult((LOOP,)), report.Roots()))))
def test_json_without_a_promised_key_is_refused(key):
    """The schema really asks for each key."""
    document = json.loads(written(STORIES["mixed"](), "json"))
    del document[key]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(report.scan_schema()).validate(document)


def test_json_has_columns_as_the_finding_has_them():
    """From 0 in characters, which is what tools that edit source want; edits are whole."""
    found = json.loads(written(ScanResult((SLEEP,)), "json"))["findings"][0]
    assert (found["line"], found["column"], found["end_column"]) == (12, 8, 21)
    assert found["fix"]["edits"] == [
        {"line": 12, "column": 8, "end_line": 12, "end_column": 18, "text": "await asyncio.sleep"}
    ]


def test_github_counts_columns_from_1_and_leaves_them_out_over_several_lines():
    """A column of another line would be meaningless."""
    one, several = written(ScanResult((SLEEP, LOOP)), "github").splitlines()
    assert "line=12,endLine=12,col=9,endColumn=22," in one
    assert "line=24,endLine=27,title=" in several


def test_github_annotations_of_a_notebook_name_the_cell():
    """Their lines are not those of the file."""
    text = written(ScanResult((CELL,)), "github")
    assert text.startswith("::notice file=notebooks/explore.ipynb,title=")
    assert "::cell 3, line 4: " in text


def test_github_annotations_of_standard_input_have_no_file():
    """There is none to show them at."""
    assert written(ScanResult((SLEEP._replace(file="-"),)), "github").startswith("::error title=")


def test_github_shows_the_worst_and_says_how_many_more_there_are(many):
    """Ten of a kind are shown, and the rest would vanish without a word."""
    lines = written(many(20), "github").splitlines()
    assert len(lines) == 9
    assert re.findall(r"file=f(\d+)\.py", "\n".join(lines)) == [str(number) for number in range(20, 12, -1)]
    assert lines[-1].startswith("::notice ")
    assert "12 more findings" in lines[-1]
    assert "more" not in written(many(8), "github")


def test_github_says_nothing_of_a_clean_scan():
    """An annotation is a complaint."""
    assert written(STORIES["clean"](), "github") == ""


def test_gitlab_has_what_it_asks_for():
    """Unique fingerprints, a severity of its own scale, relative paths, a description that names the rule."""
    issues = json.loads(written(STORIES["mixed"](), "gitlab", cwd="/p/web", repository="/p"))
    assert len({issue["fingerprint"] for issue in issues}) == len(issues) == 5
    assert {issue["severity"] for issue in issues} == {"info", "minor", "major"}
    for issue in issues:
        assert set(issue) == {"description", "check_name", "fingerprint", "severity", "location"}
        assert issue["description"].startswith(f"{issue['check_name']}: ")
        assert issue["location"]["path"].startswith("web/")
        assert issue["location"]["lines"]["begin"] >= 1
    assert json.loads(written(STORIES["clean"](), "gitlab")) == []


@pytest.mark.parametrize("story", STORIES)
def test_sarif_keeps_to_the_official_schema(story):
    """Of OASIS, version 2.1.0 with errata 01."""
    run = sarif_run(STORIES[story]())
    rules = run["tool"]["driver"]["rules"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    assert all(rule["shortDescription"]["text"] and rule["fullDescription"]["text"] for rule in rules)


def test_the_official_schema_refuses_what_is_wrong():
    """A validator that takes everything would be no test."""
    log = json.loads(written(STORIES["mixed"](), "sarif"))
    log["runs"][0]["results"][0]["level"] = "bad"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft4Validator(SARIF).validate(log)


def test_sarif_places_count_characters_from_1():
    """And say so: the default is UTF-16 code units."""
    run = sarif_run(ScanResult((SLEEP._replace(excerpt="    𝒙 = sleep(1)", span=Span(2, 8, 2, 16)),)))
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert run["columnKind"] == "unicodeCodePoints"
    assert place["region"] == {
        "startLine": 2,
        "startColumn": 9,
        "endLine": 2,
        "endColumn": 17,
        "snippet": {"text": "sleep(1)"},
    }


def test_sarif_names_files_as_uris_from_the_root():
    """Percent-encoded, also bytes that are not UTF-8."""
    files = ["a b.py", "größe.py", "\udcff.py", "\ud800.py", "x%41.py", "/else/c.py", "q?#.py"]
    findings = tuple(SLEEP._replace(file=file) for file in files)
    run = sarif_run(ScanResult(findings), cwd="/p/web", repository="/p")
    uris = [result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in run["results"]]
    assert uris == [
        "web/a%20b.py",
        "web/gr%C3%B6%C3%9Fe.py",
        "web/%FF.py",
        "web/%ED%A0%80.py",
        "web/x%2541.py",
        "file:///else/c.py",
        "web/q%3F%23.py",
    ]


def test_sarif_holds_the_worst_five_thousand_and_says_what_is_missing(many):
    """GitHub shows no more."""
    run = sarif_run(many(5_002))
    assert len(run["results"]) == 5_000
    assert run["results"][0]["properties"]["weight_s"] == 5_002
    [note] = run["invocations"][0]["toolExecutionNotifications"]
    assert "2 findings left out" in note["message"]["text"]


def test_sarif_shows_the_chain_and_the_fix():
    """As related places and replacements."""
    results = {result["ruleId"]: result for result in sarif_run(STORIES["mixed"]())["results"]}
    assert [place["message"]["text"] for place in results["IOB110"]["relatedLocations"]][-1] == "builtins.open"
    [change] = results["IOB101"]["fixes"][0]["artifactChanges"]
    assert change["replacements"][0]["insertedContent"]["text"] == "await asyncio.sleep"
    assert change["replacements"][0]["deletedRegion"]["startColumn"] == 9


def test_sarif_of_an_unknown_rule_is_whole():
    """A description is made up from the id rather than left empty."""
    run = sarif_run(ScanResult((LOOP,)))
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["IOB201"]


def test_junit_has_a_suite_for_each_file_and_a_case_for_each_finding():
    """Errors and warnings fail; what is only said passes."""
    again = SLEEP._replace(span=Span(20, 8, 20, 21))
    root = ElementTree.fromstring(written(ScanResult((SLEEP, LOOP, CELL, again)), "junit"))
    suites = {suite.get("name"): (suite.get("tests"), suite.get("failures")) for suite in root}
    assert suites == {"app/crawl.py": ("1", "1"), "app/poll.py": ("2", "2"), "notebooks/explore.ipynb": ("1", "0")}
    assert (root.get("tests"), root.get("failures")) == ("4", "3")
    assert len(root.findall(".//testcase")) == 4
    assert len(root.findall(".//failure")) == 3


def test_junit_of_a_clean_scan_has_a_case_that_passes():
    """Some readers take an empty file for a broken one."""
    root = ElementTree.fromstring(written(STORIES["clean"](), "junit"))
    assert len(root.findall(".//testcase")) == 1
    assert root.findall(".//failure") == []


def test_markdown_is_marked_for_the_bot_that_keeps_it():
    """The marker is the first line, and no page of a step needs one."""
    assert written(STORIES["mixed"](), "markdown").startswith("<!-- iobound:scan -->\n")
    assert "<!--" not in report.step_summary(STORIES["mixed"]())


def test_markdown_has_room_for_the_worst_and_says_how_many_more_there_are(many):
    """A comment has a limit."""
    text = written(many(60), "markdown")
    assert text.count("\n| warning |") == 50
    assert "10 more findings not shown" in text


@pytest.mark.parametrize("sign", ["x", "日", "|"])
def test_markdown_stays_under_the_limits_of_code_hosts(many, sign):
    """And is cut between rows or folds, never in one, with a remark."""
    result = many(60)
    findings = tuple(
        finding._replace(message=sign * 5_000, suggestion=f"{sign * 1_500}\n" * 39) for finding in result.findings
    )
    big = result._replace(findings=findings)
    comment, page = written(big, "markdown"), report.step_summary(big)
    assert len(comment.encode()) <= 60_000
    assert len(page.encode()) <= 100_000
    for text in (comment, page):
        assert "Cut here" in text
        assert text.count("<details>") == text.count("</details>")
        assert text.count("```") % 2 == 0
