"""What reads our formats on the other side, as far as its grammar is documented: each refuses what the platform would.

`junit-10.xsd` is that of Jenkins' xUnit plugin (MIT), as pytest's own test-suite carries it, unchanged:
https://github.com/pytest-dev/pytest/blob/main/testing/example_scripts/junit-10.xsd
`sarif-schema-2.1.0.json` is that of OASIS, unchanged.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple
from xml.etree import ElementTree

import jsonschema
import xmlschema

_TESTS = Path(__file__).parents[1] / "unit" / "verbs" / "report"


class Annotation(NamedTuple):
    """A workflow command of GitHub Actions as the runner understands it."""

    command: str
    properties: dict[str, str]
    message: str


class NotUnderstood(Exception):
    """The platform would show something else, or nothing."""


def annotations(text: str) -> list[Annotation]:
    """Take the output of a step apart as the runner does.

    Source:
        https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions and, for escapes,
        `command.ts` of actions/toolkit: `%25 %0D %0A` in messages, also `%3A %2C` in properties.
    """
    return [_annotation(line) for line in text.splitlines()]


def _annotation(line: str) -> Annotation:
    match = re.fullmatch(r"::(notice|warning|error)(?: ([^:]*))?::(.*)", line)
    if match is None:
        raise NotUnderstood(line)
    command, listed, message = match.groups()
    properties: dict[str, str] = {}
    for item in listed.split(",") if listed else ():
        name, equals, value = item.partition("=")
        if not equals or name not in ("file", "line", "endLine", "col", "endColumn", "title") or name in properties:
            raise NotUnderstood(item)
        properties[name] = _plain(value, "%3A", "%2C")
    for name in ("line", "endLine", "col", "endColumn"):
        if name in properties and not re.fullmatch("[1-9][0-9]*", properties[name]):
            raise NotUnderstood(f"{name}={properties[name]}")
    if PurePosixPath(properties.get("file", "")).is_absolute():
        raise NotUnderstood(f"no file of the repository: {line}")
    if {"line", "col"} & set(properties) and "file" not in properties:
        raise NotUnderstood(f"a line of no file: {line}")
    if "col" in properties and properties.get("endLine", properties["line"]) != properties["line"]:
        raise NotUnderstood(f"columns of several lines: {line}")
    return Annotation(command, properties, _plain(message))


def _plain(value: str, *more: str) -> str:
    signs = {"%0D": "\r", "%0A": "\n", "%3A": ":", "%2C": ",", "%25": "%"}
    allowed = {"%25", "%0D", "%0A", *more}
    if any(found not in allowed for found in re.findall("%.{0,2}", value, re.DOTALL)):
        raise NotUnderstood(f"an escape that there is not, or none where there must be one: {value}")
    return re.sub("%..", lambda found: signs[found.group()], value)


def code_quality(text: str) -> list[dict[str, Any]]:
    """A Code Quality report as GitLab takes it.

    Source:
        https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
    """
    issues: list[dict[str, Any]] = json.loads(text)
    if text.startswith("\ufeff") or not isinstance(issues, list):
        raise NotUnderstood("no array, or one behind a byte order mark")
    for issue in issues:
        path, begin = issue["location"]["path"], issue["location"]["lines"]["begin"]
        texts = (issue["description"], issue["check_name"], issue["fingerprint"], path)
        if not all(isinstance(each, str) and each for each in texts):
            raise NotUnderstood(f"a field is empty or no text: {issue}")
        if issue["severity"] not in ("info", "minor", "major", "critical", "blocker"):
            raise NotUnderstood(issue["severity"])
        if PurePosixPath(path).is_absolute() or path.startswith("./") or not (isinstance(begin, int) and begin >= 1):
            raise NotUnderstood(f"{path}:{begin} is no line of the project")
    if len({issue["fingerprint"] for issue in issues}) != len(issues):
        raise NotUnderstood("two issues share a fingerprint")
    return issues


def junit(text: str) -> ElementTree.Element:
    """A JUnit file that the schema of Jenkins' xUnit plugin takes, and whose counts are right."""
    _junit_schema().validate(text)
    root = ElementTree.fromstring(text)
    for suite in (root, *root.iter("testsuite")):
        told = (int(suite.get("tests", -1)), int(suite.get("failures", -1)))
        if told != (len([*suite.iter("testcase")]), len([*suite.iter("failure")])):
            raise NotUnderstood(f"{suite.get('name')} has other cases than it says")
    for suite in root.iter("testsuite"):
        names = [case.get("name") for case in suite]
        if not names or len({*names} - {None}) != len([name for name in names if name is not None]):
            raise NotUnderstood(f"{suite.get('name')} has no cases, or two of one name")
    return root


@cache
def _junit_schema() -> xmlschema.XMLSchema:
    return xmlschema.XMLSchema(str(_TESTS / "records" / "junit-10.xsd"))


def sarif(text: str) -> dict[str, Any]:
    """The one run of a SARIF log that the official schema takes, with what GitHub asks for besides.

    Source:
        https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
    """
    log = json.loads(text)
    _sarif_schema().validate(log)
    run: dict[str, Any] = log["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    if not re.fullmatch(r"iobound/(scan|run|suite|compare)/([^/].*/)?", run["automationDetails"]["id"]):
        raise NotUnderstood(f"another's category, or none: {run['automationDetails']}")
    for rule in rules:
        if not rule["shortDescription"]["text"] or not rule["fullDescription"]["text"] or not rule["help"]["text"]:
            raise NotUnderstood(f"{rule['id']} says nothing")
        if len(rule["shortDescription"]["text"]) > 1024 or len(rule["fullDescription"]["text"]) > 1024:
            raise NotUnderstood(f"{rule['id']} says more than is taken")
    if len(run["results"]) > 5_000:
        raise NotUnderstood("more results than are shown")
    for result in run["results"]:
        if rules[result["ruleIndex"]]["id"] != result["ruleId"] or not result["message"]["text"]:
            raise NotUnderstood(f"{result['ruleId']} is no rule, or says nothing")
        location = result["locations"][0]["physicalLocation"]["artifactLocation"]
        if location.get("uriBaseId") != "%SRCROOT%":
            raise NotUnderstood(f"no file of the repository: {location['uri']}")
        if re.match("/|[A-Za-z](:|%3A)/", location["uri"]):
            raise NotUnderstood(location["uri"])
    prints = [result["partialFingerprints"]["iobound/v1"] for result in run["results"]]
    if len(set(prints)) != len(prints):
        raise NotUnderstood("two results share a fingerprint")
    return run


@cache
def _sarif_schema() -> jsonschema.Draft4Validator:
    schema = json.loads((_TESTS / "findings" / "sarif-schema-2.1.0.json").read_text(encoding="utf-8"))
    return jsonschema.Draft4Validator(schema)
