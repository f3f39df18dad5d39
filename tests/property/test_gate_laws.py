"""Laws of gates: every text is read or refused at one of its characters; every number of our documents has a path."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from addressed import addresses, asked
from hypothesis import given
from hypothesis import strategies as st

from iobound.cli.messages import one_line
from iobound.errors import UsageError
from iobound.model.gate import OPERATORS, UNITS, Gate, Index, Match, Measure, Name, Number, Step
from iobound.verbs import gate, report
from iobound.verbs.gate import limits, printing, resolving, scanner, syntax
from iobound.verbs.gate.shape import Kind, Shape
from iobound.verbs.report import suite_json

VOCABULARIES = {
    "iobound.report/1": gate.of_run(report.schema()),
    "iobound.suite/1": gate.of_suite(suite_json.schema()),
    "iobound.scan/1": gate.of_scan(report.scan_schema()),
}
RUN = VOCABULARIES["iobound.report/1"]
GOLDEN = sorted(Path(__file__).parent.parent.joinpath("golden/expected").glob("*.json"))
REPORTS = [file for file in GOLDEN if any(f'"{known}"' in file.read_text("utf-8")[:200] for known in VOCABULARIES)]
"""Those of the golden files that gates are asked of: the others are of formats that other programs read."""

PIECES = [
    "wait_sleep", "waits", "count", "sum", "max", "(", ")", "[", "]", ".", "*", '"', "'", "=", "==", "<", "<=", "!=",
    " ", "5", "0.1", "%", "ms", "-", "e", "\\", "\\u0041", "low", "states", "0", "io", "bound", "target", "é", "\n",
]  # fmt: skip
NAME = re.compile("[a-z_]+")
PIECED = st.lists(st.sampled_from(PIECES), max_size=25).map("".join)


@given(st.one_of(st.text(max_size=60), PIECED, st.tuples(PIECED, st.text(max_size=3), PIECED).map("".join)))
def test_every_text_is_a_check_or_wrong_at_one_of_its_characters(text: str) -> None:
    """And what is shown of it is two printable lines, the caret of one under what the other shows."""
    found, fault = read(text)
    if found is not None:
        plain = gate.printed(found)
        assert gate.parse(plain, RUN)._replace(text=found.text, subject=found.subject) == found
        return
    assert fault is not None
    assert 0 <= fault.at <= len(text)
    with pytest.raises(UsageError) as caught:
        gate.parse(text, RUN)
    shown, pointed = caught.value.excerpt
    assert (shown + pointed).isprintable()
    assert (shown, pointed) == (one_line(shown), one_line(pointed))
    assert pointed.index("^") <= 80
    assert caught.value.hint


def read(text: str) -> tuple[Gate | None, scanner.Fault | None]:
    try:
        return resolving.gate(syntax.check(scanner.Scanner(text)), text, RUN), None
    except scanner.Fault as fault:
        return None, fault


LIMITS = st.sampled_from([0.0, 1.0, 0.5, 7.0]) | st.floats(0.001, 0.999) | st.floats(-1e290, 1e290)
TEXTS = st.text(max_size=8)
PARTS = st.lists(TEXTS, min_size=1, max_size=3).map(tuple)


@st.composite
def measures(draw: st.DrawFn) -> tuple[tuple[Step, ...], Shape, str]:
    """A way through the schema to a number or a word."""
    shape, steps, name = Shape.of(RUN.schema), list[Step](), ""
    while shape.kind in (Kind.OBJECT, Kind.LIST):
        if shape.kind is Kind.OBJECT:
            name = draw(st.sampled_from(shape.names))
            steps.append(Name(name))
            inner = shape.member(name)
            assert inner is not None
            shape = inner
            continue
        words = [key for key in shape.item.names if _is_searched(shape.item, key)]
        for _ in range(draw(st.integers(0, 2)) if words else 0):
            steps.append(Match(draw(st.sampled_from(words)), draw(PARTS)))
        if draw(st.booleans()) or shape.item.kind is not Kind.OBJECT:
            steps.append(Index(draw(st.integers(0, 99))))
        shape = shape.item
    return tuple(steps), shape, name


def _is_searched(item: Shape, key: str) -> bool:
    inner = item.member(key)
    return inner is not None and inner.kind in (Kind.NUMBER, Kind.WORD, Kind.TRUTH) and not inner.words


@st.composite
def gates(draw: st.DrawFn) -> Gate:
    """Any gate of a run."""
    steps, shape, name = draw(measures())
    operator = draw(st.sampled_from(OPERATORS))
    aggregate = ""
    wanted: Number | str
    if shape.kind is Kind.NUMBER:
        aggregate = draw(st.sampled_from(["", "sum", "max", "min"]))
        unit = st.sampled_from(["", *units_of(name, shape)])
        wanted = draw(st.builds(Number, LIMITS, unit).filter(partial(says_something, operator, shape, aggregate)))
    else:
        operator = draw(st.sampled_from(["=", "==", "!="]))
        words = ("true", "false") if shape.kind is Kind.TRUTH else shape.words
        wanted = draw(st.sampled_from(words) if words else TEXTS)
    plain = Gate(Measure(aggregate, steps), operator, wanted, "", "")
    return plain._replace(subject=printing.measure(plain.measure), text=gate.printed(plain))


def says_something(operator: str, shape: Shape, aggregate: str, limit: Number) -> bool:
    return not limits.why_pointless(operator, limit, shape, aggregate)[0]


def units_of(name: str, shape: Shape) -> list[str]:
    if name.endswith("_bytes"):
        return ["KiB", "MiB"]
    return [] if shape.counts else ["ms", "s"] if name.endswith("_s") else ["%"]


@given(gates())
def test_what_is_printed_of_a_gate_reads_as_the_same(one: Gate) -> None:
    """Whatever stands in its texts."""
    assert one.text.isprintable()
    assert gate.parse(one.text, RUN) == one


@given(gates(), st.sampled_from(GOLDEN[:1]))
def test_every_gate_can_be_held_against_every_run(one: Gate, file: Path) -> None:
    """And says so on one line."""
    held = gate.hold(one, json.loads(file.read_text(encoding="utf-8")))
    assert held.expression == one.text
    assert held.text.startswith(one.text)
    assert held.passed is False or held.seen is not None


@given(st.floats(-1e290, 1e290), st.sampled_from(sorted(UNITS)))
def test_numbers_are_what_they_are_in_decimals(amount: float, unit: str) -> None:
    """5 % is the number that 0.05 is, to the last bit."""
    power, factor = UNITS[unit]
    exact = Fraction(repr(amount)) * Fraction(10) ** power * factor
    assert Number(amount, unit).value == (amount * factor if factor > 1 else float(exact))


def leaves(shape: Shape, path: str, deepest: int) -> Iterator[tuple[str, Shape]]:
    """Paths to all that the schema allows, into lists by number, into open objects by a name of any kind."""
    if deepest == 0:
        return
    if shape.kind is Kind.OBJECT:
        for name in shape.names:
            inner = shape.member(name)
            assert inner is not None
            yield from leaves(inner, f"{path}.{name}" if path else name, deepest - 1)
        if shape.is_open:
            inner = shape.member("a b")
            assert inner is not None
            yield from leaves(inner, f'{path}["a b"]', deepest - 1)
    elif shape.kind is Kind.LIST:
        yield from leaves(shape.item, f"{path}[0]", deepest - 1)
    else:
        yield path, shape


@pytest.mark.parametrize("schema", list(VOCABULARIES))
def test_every_number_and_word_of_the_schema_can_be_asked_for(schema: str) -> None:
    """By its path alone, and so can the sum of it."""
    vocabulary = VOCABULARIES[schema]
    found = dict(leaves(Shape.of(vocabulary.schema), "", 9))
    assert len(found) > 20
    assert {shape.kind for shape in found.values()} <= {Kind.NUMBER, Kind.WORD, Kind.TRUTH}
    for path, shape in found.items():
        limit = f"<{shape.least + 0.5 if shape.least > 0 else 0.5}"
        text = path + (limit if shape.kind is Kind.NUMBER else f"!={(shape.words or ('true',))[0]}")
        one = gate.parse(text, vocabulary)
        assert one.subject == path
        if shape.kind is Kind.NUMBER:
            assert gate.parse(f"sum({path})<9", vocabulary).measure.steps == one.measure.steps


@pytest.mark.parametrize("schema", list(VOCABULARIES))
def test_every_short_name_stands_for_something(schema: str) -> None:
    """That there is in the schema."""
    vocabulary = VOCABULARIES[schema]
    for name in vocabulary.names:
        read, place = resolving.measure(syntax.whole_measure(scanner.Scanner(name)), vocabulary)
        assert read.aggregate or place.shape.kind in (Kind.NUMBER, Kind.WORD)


NOT_KNOWN = {
    "of the time is unknown": {"inconclusive"},
    "the verdict is inconclusive": {"inconclusive", "advised"},
    "looks were taken": {"inconclusive"},
}
"""Why something is not measurable in a golden file, and of which that may be said."""


@pytest.mark.parametrize("file", REPORTS, ids=lambda file: file.stem)
def test_everything_that_a_report_holds_is_reached_by_a_check_that_passes(file: Path) -> None:
    """With `==`, digit for digit, or between `>=` and `<=`; the opposite fails. What could not be seen never passes."""
    document: Any = json.loads(file.read_text(encoding="utf-8"))
    vocabulary = VOCABULARIES[document["schema"]]
    for path, value in addresses(document):
        if len(asked(value)) > scanner.LONGEST - 200:
            continue
        pairs = [(">=", "<"), ("<=", ">")] if isinstance(value, float) and value else [("==", "!=")]
        for operator, opposite in pairs:
            one, other = (read_of(f"{path} {each} {asked(value)}", vocabulary) for each in (operator, opposite))
            if one is None or other is None:
                assert value == 1  # a share that is all of it
                continue
            held = gate.hold(one, document)
            if {"wait_gil", "gil_wait"} & set(NAME.findall(path)) and document["source"] == "portable":
                assert "not measurable here" in held.text
                continue
            why = next((why for why in NOT_KNOWN if why in held.text), None)
            if why is not None:
                assert file.stem in NOT_KNOWN[why]
                continue
            assert held.passed, held.text
            assert not gate.hold(other, document).passed


def read_of(text: str, vocabulary: gate.Vocabulary) -> Gate | None:
    """A check; None where its limit is one that says nothing."""
    try:
        return resolving.gate(syntax.check(scanner.Scanner(text)), text, vocabulary)
    except scanner.Fault as fault:
        if "the number is at" not in fault.what:
            raise
        return None


HOSTILE = {
    "a megabyte": "x" * 1_000_000,
    "a megabyte of brackets": "waits" + "[" * 1_000_000,
    "deep brackets": "waits" + "[" * 2_000 + "]" * 2_000 + "<1",
    "deep parentheses": "sum(" * 1_000 + "wall_s" + ")" * 1_000 + "<1",
    "many selectors": "waits" + "[0]" * 1_300 + ".count<1",
    "many wildcards": "waits[" + "*a" * 1_900 + "].count<1",
    "control characters": "wall_s<1\x1b]52;c;AAAA\x07",
    "lone surrogates": "waits[\ud800].count<1",
    "turned round": "wall_s\u202e<1",
    "a workflow command": "::error::x\r\n##vso[task.complete]",
    "code": "__import__('os').system('touch ran')",
    "a name of ours": "wall_s.__class__<1",
    "a large number": "wall_s<" + "9" * 4_000,
    "a large exponent": "wall_s<1e" + "9" * 4_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_check_is_refused_at_once_and_shown_harmlessly(text: str) -> None:
    """Or read, where it is none after all: then it is held as quickly."""
    began = time.process_time()
    try:
        one = gate.parse(text, RUN)
    except UsageError as error:
        shown = "".join((error.message, *error.excerpt, error.hint or ""))
        assert shown.isprintable()
        assert "##vso" not in shown
        assert len(shown) < 1_000
    else:
        document = json.loads(GOLDEN[0].read_text(encoding="utf-8"))
        document["waits"] = [{"target": "a" * 4_000, "count": 1}] * 20
        assert one.text.isprintable()
        gate.hold(one, document)
    assert time.process_time() - began < 2  # CPU seconds: a hundred times what it takes


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just(10**400),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(PIECES), inner, max_size=3),
    max_leaves=5,
)


@given(st.data(), gates(), st.booleans())
def test_a_document_that_is_none_of_ours_breaks_nothing(data: st.DataObject, one: Gate, forbidden: bool) -> None:
    """Whatever somebody has put in a file: a gate fails where it cannot be held, and never raises."""
    document = json.loads(next(file for file in GOLDEN if file.stem == "asyncio_blocked").read_text(encoding="utf-8"))
    for _ in range(data.draw(st.integers(0, 3))):
        place: Any = document
        for step in one.measure.steps[: data.draw(st.integers(0, 3))]:
            inner = place.get(step.name) if isinstance(step, Name) and isinstance(place, dict) else None
            place = inner if isinstance(inner, dict) else inner[0] if isinstance(inner, list) and inner else place
        if isinstance(place, dict) and place:
            place[data.draw(st.sampled_from(sorted(place)))] = data.draw(ANYTHING)
    for gate_ in (one, gate.parse("wait_sleep<=0", RUN), gate.parse("bound!=io", RUN), gate.parse("gil_wait<0.2", RUN)):
        held = gate.hold(gate_, document, forbidden=forbidden)
        assert held.passed is False or held.seen is not None
