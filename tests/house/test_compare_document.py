"""What docs/compare.md says is so."""

import re
from pathlib import Path

import pytest

from iobound.model.comparison import OF_REGRESSIONS, Unit
from iobound.model.recording import FEWEST_LOOKS
from iobound.pipeline import comparing
from iobound.verbs import gate, report
from iobound.verbs.compare import comparable, in_code, judging, noise, targets, waits
from iobound.verbs.compare.judging import Sample, judged
from iobound.verbs.report.records import rule_notes


@pytest.fixture(scope="module")
def document(project: Path) -> str:
    return (project / "docs/compare.md").read_text(encoding="utf-8")


def test_every_example_can_be_read(document: str) -> None:
    """As it stands there."""
    vocabulary = gate.of_comparison(report.comparison_schema())
    fence = re.search(r"<!-- gates: comparison -->\n```text\n(.+?)```", document, re.DOTALL)
    assert fence
    examples = fence[1].splitlines()
    assert len(examples) >= 8
    for example in examples:
        assert gate.parse(example, vocabulary).text == example


def test_the_floors_are_those_of_the_code(document: str) -> None:
    """Each in its row."""
    table = document.partition("| quantity | floor | why |")[2].partition("\n\n")[0]
    numbers = [float(number) for number in re.findall(r"(?<![\w.])\d\.\d+", table)]
    assert numbers == [
        noise.WAITING,
        noise.COMPUTING,
        noise.LEAST_SHARE,
        noise.SHARE,
        noise.COUNT,
        noise.SWITCHES,
        noise.LOOPED_SWITCHES,
        noise.FEW_SWITCHES,
        noise.MEMORY,
        noise.SPEED_UP,
    ]
    assert f"another {noise.ELSEWHERE}:" in document
    assert noise.STARVED == 0.5


def test_the_rules_are_those_of_the_code(document: str) -> None:
    """Numbers that stand in sentences."""
    assert (waits.APPEARS_LOOKS, waits.APPEARS_SHARE) == (5, 0.01)
    assert (in_code.APPEARS_LOOKS, in_code.APPEARS_SHARE) == (10, 0.1)
    assert noise.COUNTED_FROM == 2
    assert f"{targets.EPHEMERAL_FROM:,}" in document
    assert f"Fewer than {FEWEST_LOOKS} looks" in document
    assert f"share a level of 1 in {1 / judging.FAMILY_LEVEL:.0f} evenly" in document
    assert f"weight of {judging.FLOOR_FREEDOM} degrees" in document
    assert f"at most {comparing.MOST_RUNS}." in document


def test_the_rules_of_records_are_those_of_the_code(document: str) -> None:
    """Each in its row, and no other."""
    table = document.partition("| record | rule | severity | where |")[2].partition("\n\n")[0]
    assert set(re.findall(r"`worse-([a-z-]+)`", table)) == set(rule_notes._CHANGED)


@pytest.mark.parametrize(("kind", "floor"), [("waited", noise.WAITING), ("CPU", noise.COMPUTING)])
def test_what_could_be_seen_is_as_told(document: str, kind: str, floor: float) -> None:
    """At the floors, when runs do not differ by more."""
    told = document.partition("At these floors")[2].partition("\n\n")[0].replace("\n", " ")
    said = re.findall(r"(\d+) %", told)
    level = judging.Levels.shared(10, 10).regressions
    assert "ten quantities that can be regressions" in document
    found = [
        judged(Unit.SECONDS, [Sample(1.0, floor)] * runs, [Sample(1.0, floor)] * runs, level=level).visible
        for runs in (1, 3, 5)
    ]
    if kind == "waited":
        assert [round(each * 100) for each in found] == [int(each) for each in said[:3]]
    else:
        assert found[0] == pytest.approx(2, abs=0.1)
        assert [round(each * 10) * 10 for each in found[1:]] == [int(each) for each in said[3:]]


def test_what_is_not_compared_is_what_the_code_names(document: str) -> None:
    """Each name in its row, and whether it can be a regression."""
    table = document.partition("| name | what is not judged | can be a regression |")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| `(\w+)` \| .+ \| (yes|no)", table, re.MULTILINE)
    assert {name for name, _ in rows} == {*comparable._NAMES, "ending"}
    assert tuple(name for name, regresses in rows if regresses == "yes") == OF_REGRESSIONS


def test_short_names_are_those_of_the_code(document: str) -> None:
    """With what they stand for."""
    for short, expression in comparing.SHORT.items():
        assert re.search(rf"`(--fail-on )?{short}` (is short )?for `{re.escape(expression)}`", document)
