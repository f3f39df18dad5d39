"""From the tree of an expression to a gate: each name is looked up in the schema before anything runs."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

from iobound.model.gate import UNITS, Gate, Index, Match, Measure, Name, Number, Step
from iobound.verbs.gate import limits, syntax
from iobound.verbs.gate import shape as shapes
from iobound.verbs.gate.scanner import Fault, Scanner
from iobound.verbs.gate.selecting import NONE, SIGNAL
from iobound.verbs.gate.shape import Kind, Shape
from iobound.verbs.gate.vocabulary import Vocabulary

_LONGEST_NAME = 60
_BYTES = ("KiB", "MiB", "GiB")
_MISREAD = {"kb": "KiB", "mb": "MiB", "gb": "GiB", "k": "KiB", "m": "MiB", "g": "GiB"}


class _Place(NamedTuple):
    """Where a path has led to.

    Attributes:
        shape: What there is.
        name: Of the last member on the way.
        above: The object that this is a member of, and the one above that with the name of the first.
    """

    shape: Shape
    name: str = ""
    above: tuple[tuple[str, Shape], ...] = ()
    is_bound: bool = False

    @property
    def measured_in(self) -> str:
        """The name that ends in the unit: its own, or that of the object that a number is one part of."""
        if self.is_change:
            return self.name
        is_part = bool(self.above) and not self.name.endswith(("_s", "_bytes"))
        return self.above[-1][0] if is_part and self.above[-1][0].endswith(("_s", "_bytes")) else self.name

    @property
    def is_change(self) -> bool:
        """Whether it is how much a number of seconds or bytes changed, as a comparison has it: a ratio."""
        return self.name in shapes.RATIOS and bool(self.above) and "measured" in self.above[-1][1].names

    @property
    def has_interval(self) -> bool:
        """Whether there is a lowest and a highest number for this one."""
        if self.is_bound or self.shape.kind is not Kind.NUMBER or not self.above:
            return False
        own_name, own = self.above[-1]
        if self.name in shapes.ESTIMATES and {"low", "high"} <= set(own.names):
            return True
        if own_name != shapes.STATES or len(self.above) < 2:
            return False
        intervals = self.above[-2][1].member(shapes.INTERVALS)
        return intervals is not None and intervals.member(self.name) is not None


def gate(written: syntax.WrittenCheck, text: str, vocabulary: Vocabulary) -> Gate:
    """What an expression asks.

    Raises:
        Fault: It asks for what there is not, or compares what cannot be compared.
    """
    found, place = measure(written.measure, vocabulary)
    kind = Kind.NUMBER if found.aggregate else place.shape.kind
    if kind is Kind.NUMBER and not found.aggregate and (place.name, written.value.text) == (SIGNAL, NONE):
        asked: Number | str = _word(written, place.shape)
    elif kind is Kind.NUMBER:
        counts = found.aggregate == "count" or place.shape.counts
        limit = _number(written.value, place.measured_in, counts)
        _require_use(written, limit, place, found.aggregate)
        asked = limit
    elif kind in (Kind.WORD, Kind.TRUTH):
        asked = _word(written, place.shape)
    else:
        raise Fault(written.measure.at, f"this is {kind.value}, no number or word", _instead(written, text, place))
    return Gate(found, written.operator, asked, written.subject, text.strip(" "))


def _instead(written: syntax.WrittenCheck, text: str, place: _Place) -> str:
    """What can be compared of an object or a list; of a quantity on two sides, first what was most likely meant."""
    shape = _item(place.shape)
    inside = tuple(shapes.comparable(shape))
    changes = [shapes.CHANGE] if shape.is_change else [path for path in inside if path.endswith(f".{shapes.CHANGE}")]
    rest = text.strip().removeprefix(written.subject)
    if changes:
        meant = " or ".join(f"{written.subject}.{path}{rest}" for path in changes[:2])
        also = [path for path in inside if path in shapes.OF_A_CHANGE] if shape.is_change else []
        others = f"; or ask for one of {', '.join(also)}" if also else ""
        return f"write {meant}, where 0 is no change beyond noise{others}"
    if place.shape.kind is Kind.LIST:
        return f"ask for its items' {' or '.join(inside[:4])}, or count(…)" if inside else "ask for one of its items"
    return f"ask for one of: {', '.join(f'{written.subject}.{path}' for path in inside)}"


def measure(written: syntax.WrittenMeasure, vocabulary: Vocabulary) -> tuple[Measure, _Place]:
    """What the left of an expression selects, and what there is."""
    first, rest = written.path[0], written.path[1:]
    place = _Place(Shape.of(vocabulary.schema))
    aggregate, steps = written.aggregate, list[Step]()
    short = vocabulary.names.get(first.step.name) if isinstance(first.step, Name) else None
    if short is None:
        rest = written.path
    else:
        stands_for, place = measure(syntax.whole_measure(Scanner(short)), vocabulary)
        if stands_for.aggregate and aggregate:
            raise Fault(written.at, f"{_named(first)} is one number already")
        aggregate = aggregate or stands_for.aggregate
        steps += stands_for.steps
    for step in rest:
        place = _resolved(step, place, vocabulary, steps)
    if aggregate != "count" and _item(place.shape).is_estimate:
        place = _resolved(syntax.Written(Name("estimate"), written.at), place, vocabulary, steps)
    _require_fit(aggregate, place, written)
    return Measure(aggregate, tuple(steps)), place


def _require_fit(aggregate: str, place: _Place, written: syntax.WrittenMeasure) -> None:
    if aggregate == "count" and not _selects_items(place, written):
        raise Fault(written.at, "count(…) wants a list or items of one, and this is none")
    if aggregate in ("sum", "max", "min") and _item(place.shape).kind is not Kind.NUMBER:
        raise Fault(written.at, f"{aggregate}(…) wants numbers, and this is {place.shape.kind.value}")


def _selects_items(place: _Place, written: syntax.WrittenMeasure) -> bool:
    return place.shape.kind is Kind.LIST or not isinstance(written.path[-1].step, Name)


def _named(written: syntax.Written) -> str:
    return written.step.name if isinstance(written.step, Name) else ""


def _item(shape: Shape) -> Shape:
    return shape.item if shape.kind is Kind.LIST else shape


def _resolved(written: syntax.Written, place: _Place, vocabulary: Vocabulary, steps: list[Step]) -> _Place:
    """Where one more step leads; it is added to the steps."""
    step = written.step
    if isinstance(step, Name):
        found = _member(step, written.at, place, vocabulary)
        if _item(place.shape).is_estimate and step.name in ("low", "high", "estimate"):
            found = found._replace(is_bound=step.name != "estimate")
    elif isinstance(step, Index):
        if place.shape.kind is not Kind.LIST:
            raise Fault(written.at, f"only a list has numbered items, and this is {place.shape.kind.value}")
        found = place._replace(shape=_one_of(place.shape))
    else:
        step = _keyed(written, step, place, vocabulary)
        found = place._replace(shape=_matched(written, step, place))
    steps.append(step)
    return found


def _one_of(shape: Shape) -> Shape:
    return shape.item


def _member(step: Name, at: int, place: _Place, vocabulary: Vocabulary) -> _Place:
    shape = _item(place.shape)
    if shape.kind is Kind.NUMBER and step.name in ("low", "high"):
        if place._replace(shape=shape).has_interval:
            return place._replace(is_bound=True)
        raise Fault(at, "this number has no interval")
    inner = shape.member(step.name)
    if inner is None:
        raise _unknown(step.name, at, place, shape, vocabulary)
    return _Place(inner, step.name, (*place.above, (place.name, shape))[-2:])


def _unknown(name: str, at: int, place: _Place, shape: Shape, vocabulary: Vocabulary) -> Fault:
    if place.above or place.name:
        if shape.kind is not Kind.OBJECT:
            return Fault(at, f"{place.name} is {shape.kind.value}: it has no members")
        where = f"nothing in {place.name} is called so"
        near = _near(name, shape.names)
    else:
        where = f"nothing of {vocabulary.about} is called so"
        near = _near(name, (*vocabulary.names, *shape.names)) or _near(name, shapes.paths(shape))
    if near:
        return Fault(at, f"{where}; did you mean {' or '.join(near)}?")
    names = [*vocabulary.names, *shape.names] if not place.above and not place.name else shape.names
    return Fault(at, where, f"names: {', '.join(dict.fromkeys(names))}")


def _near(name: str, known: Iterable[str]) -> list[str]:
    """What may have been meant: a name that is much like it, or a path that ends with it."""
    import difflib  # only the mistaken need it

    if len(name) > _LONGEST_NAME:
        return []
    known = list(dict.fromkeys(known))
    ending = [path for path in known if path.rpartition(".")[2] == name]
    return (ending or difflib.get_close_matches(name, known, n=3, cutoff=0.7))[:3]


def _keyed(written: syntax.Written, step: Match, place: _Place, vocabulary: Vocabulary) -> Match:
    """The step with the member that its text is compared with."""
    shape = place.shape
    if shape.kind is Kind.OBJECT and written.bare:
        return step
    if shape.kind is not Kind.LIST:
        raise Fault(written.at, f"only items of a list are searched, and this is {shape.kind.value}")
    members = shape.item.names
    if written.bare:
        if not members:
            return step
        key = vocabulary.keys.get(place.name, "")
        if key not in members:
            raise Fault(written.at, "expected a number, or KEY=TEXT", f"keys: {', '.join(members)}")
        return Match(key, step.parts)
    inner = shape.item.member(step.key)
    if inner is None:
        near = _near(step.key, members)
        meant = f"; did you mean {' or '.join(near)}?" if near else ""
        raise Fault(written.at, f"items of {place.name} have no such key{meant}", f"keys: {', '.join(members)}")
    if inner.kind in (Kind.OBJECT, Kind.LIST):
        raise Fault(written.at, f"this key holds {inner.kind.value}, no text")
    return step


def _matched(written: syntax.Written, step: Match, place: _Place) -> Shape:
    """What there is in those items that a text selects."""
    if place.shape.kind is Kind.LIST:
        words = place.shape.item.member(step.key).words if step.key else ()  # type: ignore[union-attr]
        if words and not any(step.fits(word) for word in words):
            raise Fault(written.at, f"{step.key} is never that", f"one of: {', '.join(words)}")
        return place.shape  # a list again, so that several brackets can follow one another
    fitting = [name for name in place.shape.names if step.fits(name)]
    inner = [place.shape.member(name) for name in fitting] or [place.shape.member("") if place.shape.is_open else None]
    if inner[0] is None:
        raise Fault(written.at, f"nothing in {place.name} is called so", f"names: {', '.join(place.shape.names)}")
    if any(each is None or each.kind is not inner[0].kind for each in inner):
        raise Fault(written.at, "these are of several kinds: ask for one of them")
    return inner[0]


def _number(value: syntax.WrittenValue, name: str, counts: bool) -> Number:
    scanner = Scanner(value.text)
    try:
        amount = None if value.quoted else scanner.number()
    except Fault as fault:
        raise Fault(value.at + fault.at, fault.what) from None
    if amount is None:
        raise Fault(value.at, "expected a number")
    at = value.at + scanner.skip_spaces()
    unit = value.text[scanner.at :]
    if unit not in UNITS:
        meant = _MISREAD.get(unit.lower())
        hint = f"write {meant}, which is 1024 or a power of it" if meant and name.endswith("_bytes") else ""
        raise Fault(at, "this is no unit; there are % ms s KiB MiB GiB", hint)
    if unit:
        _require_unit(unit, at, name, counts)
    if math.isinf(Number(amount, unit).value):
        raise Fault(value.at, "this number is too large")
    return Number(amount, unit)


def _require_use(written: syntax.WrittenCheck, asked: Number, place: _Place, aggregate: str) -> None:
    """Refuse a limit that nothing can break, or keep to: it was meant in another unit."""
    what, hint = limits.why_pointless(written.operator, asked, _item(place.shape), aggregate)
    if what:
        raise Fault(written.value.at, what, hint)
    if aggregate != "count" and place.is_change:
        hint = limits.wants_percent(asked)
        if hint:
            raise Fault(written.value.at, f"a change of {asked.amount:g} is one of {asked.value * 100:g} %", hint)


def _require_unit(unit: str, at: int, name: str, counts: bool) -> None:
    if name.endswith("_bytes"):
        if unit not in _BYTES:
            raise Fault(at, f"{unit} is no unit of bytes: write KiB, MiB, GiB or none")
    elif counts:
        raise Fault(at, "this is a count, and has no unit")
    elif name.endswith("_s"):
        if unit not in ("ms", "s"):
            raise Fault(at, f"{unit} is no unit of time: write s or ms")
    elif unit != "%":
        raise Fault(at, f"this is not measured in {unit}: write a plain number, or %")


def _word(written: syntax.WrittenCheck, shape: Shape) -> str:
    value = written.value
    if written.operator not in ("=", "==", "!="):
        raise Fault(written.operator_at, f"this is {shape.kind.value}: compare it with = or !=")
    if not value.quoted and " " in value.text:
        raise Fault(value.at + value.text.index(" "), "expected the end of the check; a text with spaces wants quotes")
    words = ("true", "false") if shape.kind is Kind.TRUTH else shape.words
    if words and value.text not in words:
        near = _near(value.text, words)
        meant = f"; did you mean {' or '.join(near)}?" if near else ""
        raise Fault(value.at, f"it is never that{meant}", f"one of: {', '.join(words)}")
    return value.text
