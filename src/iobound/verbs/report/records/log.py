"""The plain log, for people in a hurry and for `grep`: the verdict, the advice, then one fact a line.

Every line begins with one of `WORDS` and a colon, and then with its place, `file:line`, where it has one; checks with
`failed:` or `passed:`, changes with `worse:`, `better:` or `other:`, and their place at the end. Nothing is wrapped,
coloured or drawn. What does not fit is counted in the last line; a check that failed always fits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from iobound.verbs.report import harmless
from iobound.verbs.report.layout import Layout
from iobound.verbs.report.records.record import Detail, Listing, Record
from iobound.verbs.report.style import TextStyle

MOST = 30
"""Lines below verdict and advice; more only where more checks failed."""

LONGEST = 400
"""Characters of one line: more is no fact but a text."""

_EACH_AT_LEAST = 3
"""Lines of each word that stay, however many there are of others."""

WORDS = (
    "verdict",
    "advice",
    "check",
    "ran",
    "suite",
    "base",
    "head",
    "state",
    "wait",
    "line",
    "loop",
    "finding",
    "test",
    "fixture",
    "workers",
    "change",
    "same",
    "unknown",
    "overhead",
    "note",
    "more",
)
"""What lines can begin with, in their order: scripts may rely on it. Only further advice comes behind the checks."""

_ORDER = ("check", *(word for word in WORDS if word != "check"))

_FACTS = ("ran", "suite", "base", "head")
"""Facts of a listing that have a line of their own."""

_PLACED_LAST = ("check", "change")
"""`grep '^check: failed'` finds them all."""

_FAILED = "failed: "

_BY_RULE = (
    ("IOB", "finding"),
    ("advice-", "advice"),
    ("wait-", "wait"),
    ("check", "check"),
    ("worse-", "change"),
    ("better-", "change"),
    ("loop-", "loop"),
    ("test-", "test"),
    ("limit-", "test"),
    ("fixture-", "fixture"),
)


def render(listing: Listing, style: TextStyle) -> str:
    """Verdict, advice, every check that failed, and with these at most thirty lines more."""
    layout = Layout(style)
    facts = [*_facts(listing)]
    shown = _chosen(facts)
    lines = [*_answer(listing), *(_line(fact) for fact in shown)]
    if len(shown) < len(facts):
        lines.append(f"more: {len(facts) - len(shown):,} lines left out; all is in `{listing.option} text:FILE`")
    return "".join(f"{harmless.guarded(layout.say(line, LONGEST)).rstrip()}\n" for line in lines)


def _answer(listing: Listing) -> Iterator[str]:
    """Two lines, always: what is the matter, and what to do."""
    verdict, *others = listing.headline
    bound = listing.numbers.get("bound")
    told = f"{bound} - {verdict.removeprefix(f'{bound} - ').removeprefix(f'{bound}: ')}" if bound else verdict
    yield f"verdict: {told}"
    yield f"advice: {others[0] if others else _first_step(listing)}"


def _first_step(listing: Listing) -> str:
    """Of what has no advice of its own, as a scan: what the worst record says."""
    worst = next((record for record in listing.worst_first() if word_of(record.rule) != "check"), None)
    if worst is None:
        return "nothing to change"
    return f"{_placed(worst.place)}{worst.help or worst.message} ({worst.rule})"


def _facts(listing: Listing) -> list[Detail]:
    """All that there is to say, in the order of the words, and the worst first."""
    waits_are_told = any(detail.word == "wait" for detail in listing.details)
    records = [*listing.worst_first(), *(record for record in listing.records if record.passed)]
    answer = listing.headline[1] if len(listing.headline) > 1 else ""
    told = {"wait"} if waits_are_told else set()
    found = [_detail(record, answer) for record in records if word_of(record.rule) not in told]
    found = [detail for detail in found if detail.place or detail.text not in answer]  # which says all of it
    facts = [Detail(word, text) for word, text in listing.facts if word in _FACTS]
    return sorted([*facts, *found, *listing.details], key=lambda detail: _ORDER.index(detail.word))


def _detail(record: Record, answer: str) -> Detail:
    """A record in one line; what the second line has said, or its message says again, is not said."""
    word = word_of(record.rule)
    head = {
        "finding": f"{record.rule} {record.severity.value}: ",
        "check": "passed: " if record.passed else _FAILED,
        "change": f"{record.title}, ",
        "advice": "" if answer.startswith(record.title) or not record.title else f"{record.title} - ",
    }.get(word, "")
    help_ = f". Help: {record.help}" if record.help else ""
    place = "" if word in _PLACED_LAST else record.place  # the message of a check ends with it
    at = f", at {record.place}" if word == "change" and record.place else ""
    return Detail(word, f"{head}{record.message.rstrip('.')}{at}{help_}", place)


def word_of(rule: str) -> str:
    """What the line of a record begins with.

    Example:
        >>> word_of("IOB101"), word_of("advice-threads"), word_of("limit-broken")
        ('finding', 'advice', 'test')
    """
    return next((word for start, word in _BY_RULE if rule.startswith(start)), "note")


def _chosen(facts: Sequence[Detail]) -> list[Detail]:
    """What failed, then as many as there is room for: the first few of each word, then others in their order."""
    if len(facts) <= MOST:
        return list(facts)
    failed = [at for at, fact in enumerate(facts) if _is_failed_check(fact)]
    counted: dict[str, int] = {}
    first: list[int] = []
    others: list[int] = []
    for at, fact in enumerate(facts):
        if not _is_failed_check(fact):
            counted[fact.word] = counted.get(fact.word, 0) + 1
            (first if counted[fact.word] <= _EACH_AT_LEAST else others).append(at)
    room = max(0, MOST - 1 - len(failed))  # one says how many there are more
    return [facts[at] for at in sorted([*failed, *[*first, *others][:room]])]


def _is_failed_check(fact: Detail) -> bool:
    return fact.word == "check" and fact.text.startswith(_FAILED)


def _line(fact: Detail) -> str:
    return f"{fact.word}: {_placed(fact.place)}{fact.text}"


def _placed(place: str) -> str:
    return f"{place}: " if place else ""
