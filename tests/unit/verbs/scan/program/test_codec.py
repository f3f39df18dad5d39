"""Facts come back from the cache as they were."""

from __future__ import annotations

from pathlib import Path

import pytest

from iobound.verbs.scan import scanning
from iobound.verbs.scan.program.codec import (
    as_json,
    facts_as_bytes,
    facts_from_bytes,
    findings_from_json,
    notes_from_json,
)
from iobound.verbs.scan.rules.notes import rule_notes

SOURCES = sorted((Path(__file__).parents[4] / "scan_files").rglob("*.py"))
OURS = sorted((Path(__file__).parents[5] / "src" / "iobound" / "verbs" / "scan").rglob("*.py"))[:40]


def normal(facts):
    """Mappings compare as dictionaries."""
    classes = tuple(each._replace(attributes=dict(each.attributes)) for each in facts.classes)
    return facts._replace(exports=dict(facts.exports), classes=classes)


@pytest.mark.parametrize("path", [*SOURCES, *OURS], ids=lambda path: path.name)
def test_facts_come_back_as_they_were(path):
    facts = scanning.read_facts("one.py", path.read_bytes(), frozenset({"iobound"}))
    again = facts_from_bytes(facts_as_bytes(facts), "one.py")
    assert normal(again) == normal(facts)
    assert type(again.functions) is tuple


def test_facts_of_a_file_that_was_renamed_have_its_new_name():
    source = b"import time\nfor i in range(99):\n    time.sleep(i)\ndef f(u):\n    return [open(x).read() for x in u]\n"
    facts = scanning.read_facts("old.py", source)
    assert any(loop.fact is not None for loop in facts.loops)
    again = facts_from_bytes(facts_as_bytes(facts), "new.py")
    assert normal(again) == normal(scanning.read_facts("new.py", source))


def test_findings_come_back_as_they_were():
    files = {path.name: path.read_bytes() for path in SOURCES if path.parent.name == "event_loop"}
    found = scanning.findings({file: scanning.read_facts(file, data) for file, data in files.items()}, files.get)
    assert len(found) > 20
    assert findings_from_json(as_json(found)) == tuple(found)


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"[1]", b"null", b'[["a"], 3]', b"\xff", b"[" * 100_000])
def test_what_are_no_facts_gives_none_or_facts_without_functions(data):
    found = facts_from_bytes(data, "a.py")
    assert found is None or found.functions == ()


def test_what_is_told_of_rules_comes_back_as_it_was():
    notes = tuple(rule_notes({"IOB201"}).values())

    assert notes_from_json(as_json(notes)) == notes
