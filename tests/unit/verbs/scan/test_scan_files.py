"""Annotated sources: each line that a rule speaks of says so, and no other line does.

A file of `tests/scan_files/` holds cases; a folder that has `case` in its name is scanned as one tree. Lines end in
`# expect: IOB201` (several ids with commas) where findings begin. A first line `# rules: IOB1, IOB414` limits the file
to these rules; without it all count. `IOB104~` is a finding of low confidence, which nobody is told who has not asked
for it; without `~` a finding is at least as sure as `medium`, or as sure as its rule ever is. A comment `# case: …`
begins a case, for reading and counting.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from iobound.model.finding import Confidence, Finding
from iobound.model.scan_options import ScanOptions
from iobound.verbs.scan import scanning
from iobound.verbs.scan.choice import settings
from iobound.verbs.scan.rules.notes import examples_of, text_of
from iobound.verbs.scan.rules.registry import registry
from iobound.verbs.scan.telling import tell

ALL = settings(ScanOptions(select=("ALL",), min_confidence=Confidence.LOW))
HERE = Path(__file__).parents[3] / "scan_files"
EXPECTED = re.compile(r"#\s*expect:\s*([A-Z0-9~, ]+)")
RULES = re.compile(r"^# rules: (.+)$", re.MULTILINE)


Key = tuple[str, int, str]


UNSURE_RULES = frozenset(rule.id for rule in registry().rules if rule.confidence is Confidence.LOW)


def found_in(files: dict[str, bytes]) -> set[Key]:
    """File, line and rule of each finding, with `~` where it is less sure than the rule mostly is."""
    tops = frozenset(name.partition(".")[0] for name, _ in scanning.module_names(dict.fromkeys(files, 0)).values())
    facts = {file: scanning.read_facts(file, data, tops) for file, data in files.items()}
    found = tell(scanning.findings(facts, files.get), facts, files.get, ALL).findings
    return {(each.file, each.line, f"{each.rule}{'~' if _is_unsure(each) else ''}") for each in found}


def _is_unsure(finding: Finding) -> bool:
    return finding.confidence is Confidence.LOW and finding.rule not in UNSURE_RULES


def units() -> list[Path]:
    folders = [path for path in sorted(HERE.rglob("*case*")) if path.is_dir()]
    alone = [path for path in sorted(HERE.rglob("*.py")) if not any(folder in path.parents for folder in folders)]
    return [*folders, *alone]


def files_of(unit: Path) -> dict[str, bytes]:
    paths = sorted(unit.rglob("*.py")) if unit.is_dir() else [unit]
    return {path.relative_to(unit.parent).as_posix(): path.read_bytes() for path in paths}


@pytest.mark.parametrize("unit", units(), ids=lambda path: path.relative_to(HERE).as_posix())
def test_findings_are_those_that_are_marked(unit):
    files = files_of(unit)
    texts = {file: data.decode("utf-8") for file, data in files.items()}
    limits = [prefix.strip() for text in texts.values() for each in RULES.findall(text) for prefix in each.split(",")]
    expected = {
        (file, number, rule.strip())
        for file, text in texts.items()
        for number, line in enumerate(text.split("\n"), 1)
        for marked in EXPECTED.findall(line)
        for rule in marked.split(",")
    }
    found = {each for each in found_in(files) if not limits or each[2].startswith(tuple(limits))}
    assert found == expected


def test_there_are_enough_cases():
    cases = [case for path in HERE.rglob("*.py") for case in re.findall(r"# case: .+", path.read_text("utf-8"))]
    assert len(cases) >= MINIMUM


MINIMUM = 300


@pytest.mark.parametrize("rule", [rule.id for rule in registry().rules])
def test_examples_of_a_rule_are_bad_and_good(rule):
    examples = examples_of(rule)
    assert {example.is_bad for example in examples} == {True, False}, "one bad and one good example at least"
    for example in examples:
        found = {finding[2] for finding in found_in({"example.py": example.source.encode()})}
        assert (rule in found) is example.is_bad, example.source
    for heading in ("## What to do", "## False alarms", "## Missed"):
        assert heading in text_of(rule)


UNSURE = b"""\
import os


async def look(path):
    return os.path.exists(path)
"""


@pytest.mark.parametrize(("least", "told"), [(None, 0), (Confidence.MEDIUM, 0), (Confidence.LOW, 1)])
def test_what_is_unsure_is_told_to_those_who_ask(least, told):
    files = {"look.py": UNSURE}
    facts = {file: scanning.read_facts(file, data) for file, data in files.items()}
    chosen = settings(ScanOptions(min_confidence=least))
    assert len(tell(scanning.findings(facts, files.get), facts, files.get, chosen).findings) == told
