"""The answer in five lines: what it is bound by, by how much, what to do, where, and the next step."""

from __future__ import annotations

import shlex
from typing import NamedTuple

from iobound.model.breakdown import Interval
from iobound.model.diagnosis import Advice, Bound, Diagnosis
from iobound.model.prediction import Strategy
from iobound.model.recording import Machine, Recording
from iobound.verbs.report import figures, harmless, measured, words
from iobound.verbs.report.blocks import Prose, Role

_LONGEST_COMMAND = 60
_LONGEST_CALLEE = 60
_WORTH_IT_NS = 1_000_000_000  # of a shorter run, start-up is most
_STANDS_OUT = 0.2


class Answers(NamedTuple):
    """The five answers, each one sentence."""

    verdict: str
    advice: str
    share: str
    where: str
    next: str


def answers(diagnosis: Diagnosis) -> Answers:
    """What it is bound by, what to do with its gain, by how much, where, and the next step."""
    return Answers(
        _verdict(diagnosis), _recommendation(diagnosis), _share(diagnosis), _where(diagnosis), _next(diagnosis)
    )


def for_screen(diagnosis: Diagnosis) -> tuple[Prose, ...]:
    """Verdict, share, recommendation, line, next step."""
    told = answers(diagnosis)
    lines = (
        Prose(told.verdict, "Verdict", Role.STRONG),
        Prose(told.share, "Share"),
        Prose(told.advice, "Do", Role.GOOD if _gains(diagnosis) else Role.BODY),
        Prose(told.where, "Where"),
        Prose(told.next, "Next"),
    )
    return tuple(Prose(line.text, line.label, line.role, indent=0, label_width=7) for line in lines)


def for_log(diagnosis: Diagnosis) -> tuple[Prose, ...]:
    """The same for a log, where two lines must do: verdict, recommendation with its gain; then the rest."""
    bound = diagnosis.verdict.bound.value
    told = answers(diagnosis)
    told = told._replace(verdict=f"{bound} - {told.verdict.removeprefix(f'{bound}: ')}")
    lines = zip(told, ("verdict:", "advice:", "share:", "where:", "next:"), strict=True)
    return tuple(Prose(text, label, indent=0, label_width=8) for text, label in lines)


def run(diagnosis: Diagnosis, *, plain: bool) -> Prose:
    """What was run, on what, and how it ended."""
    recording, breakdown = diagnosis.recording, diagnosis.breakdown
    machine, interpreter = recording.machine, recording.interpreter
    gil = "" if interpreter.gil_enabled else " without GIL"
    limit = "" if machine.limited_by == "machine" else f" (limited by {machine.limited_by})"
    if diagnosis.about and diagnosis.functions:
        return _calls_of(diagnosis, plain=plain)
    parts = (
        harmless.shortened(_command(recording), _LONGEST_COMMAND) or "(no command)",
        f"{figures.duration(breakdown.wall_ns)} wall time",
        f"{figures.duration(breakdown.totals.cpu_ns)} CPU time",
        f"{_cpus(machine)}{limit}",
        f"{_implementation(interpreter.implementation)} {interpreter.version}{gil}",
        _ending(recording),
    )
    label = "ran:" if plain else "Ran"
    return Prose(", ".join(parts), label, Role.BODY, 0, label_width=8 if plain else 7)


def _cpus(machine: Machine) -> str:
    whole = figures.tally(machine.cpus, "CPU")
    return whole if machine.effective_cpus == machine.cpus else f"{machine.effective_cpus:g} of {whole}"


def _implementation(name: str) -> str:
    return {"cpython": "CPython", "pypy": "PyPy"}.get(name, name)


def _calls_of(diagnosis: Diagnosis, *, plain: bool) -> Prose:
    """Whose calls it is about, and in what they were observed."""
    calls, recording = diagnosis.functions[0].calls, diagnosis.recording
    command = harmless.shortened(shlex.join(recording.command), _LONGEST_COMMAND)
    parts = (
        f"calls of {harmless.shortened(diagnosis.about, _LONGEST_COMMAND)} in {command}",
        f"{figures.duration(diagnosis.breakdown.wall_ns)} with any under way",
        f"{figures.duration(calls.cpu_ns)} CPU time",
        _cpus(recording.machine),
        f"{_implementation(recording.interpreter.implementation)} {recording.interpreter.version}",
    )
    label = "of:" if plain else "Of"
    return Prose(", ".join(parts), label, Role.BODY, 0, label_width=8 if plain else 7)


def _command(recording: Recording) -> str:
    """As a shell takes it; the name of a block or a call as it is."""
    if words.from_within(recording) and len(recording.command) == 1:
        return recording.command[0]
    return shlex.join(recording.command)


def _ending(recording: Recording) -> str:
    if recording.signal:
        return f"ended by signal {recording.signal}"
    if recording.exit_code is None:
        return _PART_OF_IT[words.whole(recording)]
    return f"exit {recording.exit_code}"


_PART_OF_IT = {
    "the whole program": "end not seen",
    "the whole block": "a block, observed from within",
    "the whole call": "a call, observed from within",
}


def _verdict(diagnosis: Diagnosis) -> str:
    verdict = diagnosis.verdict
    name = words.BOUND[verdict.bound]
    if not verdict.summary:
        return f"{name}."
    return verdict.summary if verdict.summary.casefold().startswith(name.casefold()) else f"{name}: {verdict.summary}"


def _share(diagnosis: Diagnosis) -> str:
    verdict = diagnosis.verdict
    share = figures.share(verdict.share)
    interval = f"90 % interval {figures.share_interval(Interval(verdict.low, verdict.high))}"
    of = words.SHARE_OF.get(verdict.bound)
    if of is not None:
        return f"{share} of {of} ({interval})"
    return f"{share} of wall time ({interval}), most of it {verdict.dominant.value}"


def _first(diagnosis: Diagnosis) -> Advice | None:
    return diagnosis.advice[0] if diagnosis.advice else None


def _gains(diagnosis: Diagnosis) -> bool:
    first = _first(diagnosis)
    return first is not None and first.strategy is not Strategy.SEQUENTIAL


def _recommendation(diagnosis: Diagnosis) -> str:
    first = _first(diagnosis)
    if first is None:
        return "no recommendation: too little is known"
    if _gains(diagnosis):
        return f"{words.headed(first)} for {words.whole(diagnosis.recording)}"
    return f"{words.headed(first)}: {_clause(first.reason)}" if first.reason else words.headed(first)


def _clause(sentence: str) -> str:
    """A sentence as the end of another: `It already runs …` begins small, `GIL …` does not."""
    begins_small = sentence[1:2].islower() or sentence[1:2] == " "
    return (sentence[0].lower() + sentence[1:] if begins_small else sentence).rstrip(".")


def _where(diagnosis: Diagnosis) -> str:
    first, cwd = _first(diagnosis), diagnosis.recording.cwd
    sites, hotspots = diagnosis.breakdown.sites, measured.at_one_line(diagnosis.breakdown.hotspots)
    if first is not None and first.site is not None:
        return words.site(sites[first.site], cwd)
    if first is not None and first.strategy is Strategy.UNBLOCK_EVENT_LOOP:
        held_up = _held_up(diagnosis)
        if held_up is not None:
            return held_up
    whole = words.whole(diagnosis.recording)
    if not hotspots:
        return whole
    top = hotspots[0]
    return f"{whole}; most time at {words.place(top.file, top.line, cwd)} {top.function}{_calls(top.call)}"


def _held_up(diagnosis: Diagnosis) -> str | None:
    """The line that held event loops up for longest, which is the one to change."""
    loop = diagnosis.breakdown.most_held_up
    worst = loop.worst if loop else None
    if worst is None:
        return None
    return f"{words.place(worst.file, worst.line, diagnosis.recording.cwd)} {worst.function}{_calls(worst.call)}"


def _calls(call: str) -> str:
    return f" → {harmless.shortened(call, _LONGEST_CALLEE)}" if call else ""


def _next(diagnosis: Diagnosis) -> str:
    first, verdict = _first(diagnosis), diagnosis.verdict
    if diagnosis.recording.nobody_looked and diagnosis.recording.notes:
        return diagnosis.recording.notes[0]
    if verdict.bound is Bound.INCONCLUSIVE and verdict.settle:
        return verdict.settle
    if first is not None and first.steps:
        return first.steps[0]
    if first is None:
        return verdict.settle or "run it longer, on input of the usual size"
    return verdict.settle or _less_of_it(diagnosis) or "nothing to change"


_LESS = {
    Bound.CPU: "to make it faster, compute less",
    Bound.IO: "to make it faster, wait less often: fewer or larger requests",
    Bound.SLEEP: "to make it faster, sleep less",
}


def _less_of_it(diagnosis: Diagnosis) -> str:
    """What is left where no other way to run it helps: less work at the line that takes the most, if one stands out."""
    less, hotspots = _LESS.get(diagnosis.verdict.bound), measured.at_one_line(diagnosis.breakdown.hotspots)
    wall_ns = diagnosis.breakdown.wall_ns
    if less is None or not hotspots or wall_ns < _WORTH_IT_NS or hotspots[0].wall_ns < _STANDS_OUT * wall_ns:
        return ""
    top = hotspots[0]
    part = figures.share(top.wall_ns / wall_ns)
    return f"{less}; {part} of the wall time is at {words.place(top.file, top.line, diagnosis.recording.cwd)}"
