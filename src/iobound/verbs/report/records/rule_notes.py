"""What reports say of rules that are none of the scanner's: in the words of the glossary where it has them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from iobound.model.finding import Confidence, RuleNote, Severity
from iobound.model.prediction import Strategy

ADVICE = "advice-"
ADVISED = "advice"
WAIT = "wait-"
CHECK = "check"
WORSE = "worse-"
BETTER = "better-"
LOOP_BLOCKED = "loop-blocked"
XDIST = "advice-xdist"
TEST_WAITS = "test-waits"
TEST_SLEEPS = "test-sleeps"
FIXTURE_REPEATED = "fixture-repeated"
LIMIT_BROKEN = "limit-broken"


class _Own(NamedTuple):
    name: str
    summary: str
    severity: Severity
    text: str


_OWN: Mapping[str, _Own] = {
    CHECK: _Own(
        "failed-check",
        "Something that was asked, as by `--check` or `--fail-on`, is not so.",
        Severity.ERROR,
        "What was asked, what was seen and its interval stand in the message. A number that is not known fails, too: "
        "nothing passes unseen.",
    ),
    LOOP_BLOCKED: _Own(
        "blocked-event-loop",
        "Code on an event loop computes or waits without `await`: all other tasks of it stand still meanwhile.",
        Severity.WARNING,
        "Await it, or hand it to a thread or a process: `await asyncio.to_thread(function, argument)`.",
    ),
    XDIST: _Own(
        "other-number-of-workers",
        "With another number of workers of pytest-xdist the suite would end sooner.",
        Severity.WARNING,
        "Predicted from what tests, fixtures and starting workers took in this run, with a 90 % interval.",
    ),
    TEST_WAITS: _Own(
        "test-that-waits",
        "A test waits for something outside of it for much of the suite's time.",
        Severity.INFO,
        "What it waits for, and where, stands in the message: a fake, a server nearer by or a smaller answer saves it.",
    ),
    TEST_SLEEPS: _Own(
        "test-that-sleeps",
        "A test sleeps: the time is lost whatever machine it runs on.",
        Severity.WARNING,
        "Wait for the condition itself, or hand the test a clock of its own.",
    ),
    FIXTURE_REPEATED: _Own(
        "repeated-fixture",
        "Every worker of pytest-xdist sets up a fixture again that one process sets up once.",
        Severity.INFO,
        "Keep what it makes in a folder that the workers share, or let tests that need it run on one worker "
        "(`--dist loadgroup`).",
    ),
    LIMIT_BROKEN: _Own(
        "broken-limit",
        "A test does not keep to the limits of its `iobound` marker.",
        Severity.ERROR,
        "What it may do, and what it was seen to do, stands in the message.",
    ),
}


class _Changed(NamedTuple):
    what: str
    text: str


_CHANGED: Mapping[str, _Changed] = {
    "wall-time": _Changed("the wall time of the run", "Its place is the call whose time changed most."),
    "cpu-time": _Changed("the CPU time of the run", "Its place is the call that computes whose time changed most."),
    "peak-memory": _Changed("the memory of the run at its peak", "Where it is taken is not observed."),
    "loop-blocked": _Changed("the time in which event loops stood still", "Its place is the longest block."),
    "loop-blocks": _Changed("the number of times that event loops were blocked", "Its place is the longest block."),
    "waits": _Changed("the number of waits for one target", "Its place is the line that waits so for longest."),
    "wait-time": _Changed("the run's time in waits for one target", "Its place is the line that waits so for longest."),
}


def change_rule(kind: str, *, is_worse: bool) -> str:
    """The id of a change of so and so.

    Example:
        >>> change_rule("wait-time", is_worse=True)
        'worse-wait-time'
    """
    return f"{WORSE if is_worse else BETTER}{kind}"


def advice_rule(strategy: Strategy) -> str:
    """The id of advice to do so.

    Example:
        >>> advice_rule(Strategy.NATIVE_THREADS)
        'advice-native-threads'
    """
    return f"{ADVICE}{strategy.value.replace('_', '-')}"


def notes_of(rules: Iterable[str]) -> dict[str, RuleNote]:
    """The notes of these rules, by id; of rules of the scanner there are none here.

    Example:
        >>> notes_of(["advice-threads", "IOB101"])["advice-threads"].name
        'threads'
    """
    notes = (_note(rule) for rule in sorted(set(rules)))
    return {note.id: note for note in notes if note is not None}


def _note(rule: str) -> RuleNote | None:
    own = _OWN.get(rule)
    if own is not None:
        return RuleNote(rule, own.name, own.summary, own.severity, Confidence.HIGH, f"{own.summary} {own.text}")
    sense, _, kind = rule.partition("-")
    changed = _CHANGED.get(kind) if f"{sense}-" in (WORSE, BETTER) else None
    if changed is not None:
        moved = "rose" if rule.startswith(WORSE) else "fell"
        summary = f"{changed.what[0].upper()}{changed.what[1:]} {moved} from base to head, beyond noise."
        severity = Severity.WARNING if rule.startswith(WORSE) else Severity.INFO
        return RuleNote(rule, rule, summary, severity, Confidence.HIGH, f"{summary} {changed.text}")
    word = rule.removeprefix(ADVICE).replace("-", "_")
    from iobound.verbs.report.glossary import terms  # a folder of Markdown, for those that tell of rules

    term = terms().get(word)
    if term is None:
        return None
    severity = Severity.INFO if rule.startswith(WAIT) else Severity.WARNING
    name = rule.removeprefix(ADVICE)
    return RuleNote(rule, name, term.meaning, severity, Confidence.HIGH, term.text)
