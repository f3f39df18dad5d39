"""What docs/gates.md says of expressions is so."""

import re
from pathlib import Path

import pytest

from iobound.errors import UsageError
from iobound.model.diagnosis import Check
from iobound.model.gate import AGGREGATES, OPERATORS, UNITS
from iobound.model.state import State
from iobound.pipeline import gating
from iobound.verbs import gate, report
from iobound.verbs.gate import vocabulary
from iobound.verbs.report import suite_json

KNOWN = {
    "run": gate.of_run(report.schema()),
    "suite": gate.of_suite(suite_json.schema()),
    "scan": gate.of_scan(report.scan_schema()),
}


@pytest.fixture(scope="module")
def document(project: Path) -> str:
    return (project / "docs/gates.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("about", list(KNOWN))
def test_every_example_can_be_read(document: str, about: str) -> None:
    """As it stands there, without its remark."""
    fences = re.findall(rf"<!-- gates: {about} -->\n```text\n(.+?)```", document, re.DOTALL)
    examples = [line.partition("  #")[0] for fence in fences for line in fence.splitlines()]
    assert len(examples) >= 4
    for example in examples:
        assert gate.parse(example, KNOWN[about]).text == example.strip()


@pytest.mark.parametrize(("heading", "names"), [("Of a run:", "run"), ("Of a suite:", "suite")])
def test_every_short_name_is_told_with_what_it_stands_for(document: str, heading: str, names: str) -> None:
    """States aside, which are told once."""
    table = document.partition(f"\n{heading}\n")[2].partition("\n\n`")[0]
    told = dict(re.findall(r"^\| `(\w+)` \| `([^`]+)`", table, re.MULTILINE))
    states = {state.value for state in State}
    assert told == {name: path for name, path in KNOWN[names].names.items() if name not in states}


def test_every_key_is_told(document: str) -> None:
    """By list."""
    table = document.partition("| list | key |\n")[2].partition("\n\n")[0]
    told = {
        name: key
        for names, key in re.findall(r"^\| (.+?) \| `(\w+)` \|$", table, re.MULTILINE)
        for name in re.findall(r"`(\w+)`", names)
    }
    assert told == vocabulary.KEYS


def test_the_grammar_has_every_word_of_the_language(document: str) -> None:
    """Operators, aggregates and units."""
    grammar = document.partition("```ebnf\n")[2].partition("```")[0]
    words = set(re.findall(r'"([^"]+)"', grammar))
    assert {*AGGREGATES, *OPERATORS, *filter(None, UNITS)} <= words


def test_the_message_is_what_is_said(document: str) -> None:
    """Character for character."""
    with pytest.raises(UsageError) as caught:
        gate.parse("wait_slep << 0.1", KNOWN["run"])
    error = caught.value
    lines = (f"iobound: {error.message}", *error.excerpt, f"hint: {error.hint}")
    assert "```text\n" + "\n".join(lines) + "\n```" in document


def test_a_failure_is_said_as_the_document_says(document: str) -> None:
    """By the phrase of the code, which the pattern that it gives finds."""
    section = document.partition("\n## How a failure is said\n")[2].partition("\n## ")[0]
    (pattern,) = re.findall(r"`grep -E '(.+?)'`", section)
    checks = [Check("a<1", False, "2", "a<1: a is 2"), Check("b<1", True, "0", "b<1: b is 0")]
    (line,) = gating.failed(checks)
    (unknown,) = gating.unknown(["a>1"], forbidden=True)
    assert line == "iobound: check failed: a<1: a is 2\n"
    assert unknown.startswith("iobound: check failed: a>1 must not be: not measurable here: ")
    assert "`iobound: check failed: EXPR: NAME is VALUE, …`" in section
    for said in (line, unknown, "check: failed: a<1: a is 2"):
        assert re.search(pattern, said)
    assert not re.search(pattern, "check: passed: b<1: b is 0")
