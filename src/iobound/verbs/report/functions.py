"""Sections on functions whose calls were delimited one by one."""

from __future__ import annotations

from statistics import quantiles

from iobound.model.calls import Caller, FunctionCalls
from iobound.model.diagnosis import Bound, Diagnosis, FunctionDiagnosis
from iobound.model.origin import is_own_code
from iobound.model.prediction import Strategy
from iobound.model.state import OUTSIDE_WAITS, State
from iobound.verbs.report import figures, harmless, paths, plain, words
from iobound.verbs.report.blocks import Block, Page, Prose, Role, Section
from iobound.verbs.report.style import TextStyle

_LABELS = 7
_MOST_CALLERS = 3
_MOST_FUNCTIONS = 10
_LONGEST_NAME = 60
_LONGEST_TARGET = 60
_FEW = 10  # samples below which nine of ten are not told
_BLOCKS_NS = 10_000_000
_WORTH_TELLING = 0.05
_LEAST_SHARE = 0.01  # of the time observed
_RUNNERS = {
    "/asyncio/events.py": "a task of its own",
    "/concurrent/futures/thread.py": "a pool of threads",
    "/concurrent/futures/process.py": "a pool of processes",
    "/multiprocessing/pool.py": "a pool of processes",
    "/threading.py": "a thread of its own",
    "/multiprocessing/process.py": "a process of its own",
}
_INDEPENDENCE = {
    "yes": "in a loop whose items are independent",
    "no": "in a loop whose items need those before them",
    "unknown": "in a loop whose items may need each other",
}


def section(diagnosis: Diagnosis) -> Section | None:
    """All functions, each in a few lines; None where none was decorated."""
    if not diagnosis.functions:
        return None
    blocks: list[Block] = []
    for function in diagnosis.functions[:_MOST_FUNCTIONS]:
        blocks += [Prose("")] if blocks else []
        blocks += _blocks(function, diagnosis, advice=not diagnosis.about)
    left = len(diagnosis.functions) - _MOST_FUNCTIONS
    if left > 0:
        blocks.append(Prose(f"and {figures.tally(left, 'function')} with less time", role=Role.FAINT))
    return Section("Calls", tuple(blocks), "wall and CPU time of each call are exact, states by looks")


def in_short(diagnosis: Diagnosis, style: TextStyle) -> str:
    """What is told when a program ends: a few lines for each function that counts, and where there is more."""
    least_ns = _LEAST_SHARE * diagnosis.breakdown.wall_ns
    counting = [each for each in diagnosis.functions if each.breakdown.wall_ns >= least_ns] or diagnosis.functions[:1]
    blocks: list[Prose] = []
    for function in counting[:_MOST_FUNCTIONS]:
        blocks += _blocks(function, diagnosis, advice=True)
    left = len(diagnosis.functions) - len(counting[:_MOST_FUNCTIONS])
    if left > 0:
        blocks.append(Prose(f"and {figures.tally(left, 'function')} with less time", role=Role.FAINT))
    first = counting[0].calls.function.rpartition(".<locals>.")[2] if counting else "function"
    more = f"`{first}.report()` tells more, as does IOBOUND_REPORT=text:FILE"
    watched = f"iobound: {figures.tally(len(diagnosis.functions), 'function')} advised"
    head = Prose(f"{watched}, {figures.duration(diagnosis.breakdown.wall_ns)} observed; {more}", indent=0)
    page = Page(headline=(), run=(head, *blocks))
    if not style.colour:
        return plain.render(page, style).lstrip("\n")
    from iobound.verbs.report import terminal

    return terminal.render(page, style)


def _blocks(function: FunctionDiagnosis, diagnosis: Diagnosis, *, advice: bool) -> list[Prose]:
    calls, cwd = function.calls, diagnosis.recording.cwd
    name = harmless.shortened(calls.name, _LONGEST_NAME)
    blocks = [Prose(_called(function, diagnosis), name, Role.BODY, label_role=Role.STRONG)]
    blocks.append(_labelled("each", _each(calls)))
    for label, text in (("loop", _on_loop(calls)), ("at once", _at_once(calls)), ("failed", _failed(calls))):
        if text:
            blocks.append(_labelled(label, text))
    if advice:
        blocks.append(_labelled("bound", _bound(function, cwd)))
        if function.verdict.bound is not Bound.INCONCLUSIVE or _gains(function):
            blocks.append(_labelled("advice", _advice(function)))
    blocks.extend(_labelled("note", note) for note in calls.notes)
    return blocks


def _labelled(label: str, text: str) -> Prose:
    return Prose(text, label, indent=4, label_width=_LABELS)


def _called(function: FunctionDiagnosis, diagnosis: Diagnosis) -> str:
    calls = function.calls
    said = figures.tally(calls.calls, "call")
    if calls.nested:
        said += f", {calls.nested:,} of them by itself"
    callers = _callers(calls, diagnosis.recording.cwd)
    if not callers:
        return said
    names = [f"{name} ({count})" if count and len(callers) > 1 else name for name, count in callers.items()]
    said += f", from {names[0]}{_loop_of(function)}"
    if len(names) > 1:
        said += f"; also from {', '.join(names[1:_MOST_CALLERS])}"
    left = len(names) - _MOST_CALLERS
    return f"{said} and {figures.tally(left, 'other place')}" if left > 0 else said


def _callers(calls: FunctionCalls, cwd: str) -> dict[str, str]:
    """Where it is called from and how often, most often first; not from itself."""
    counts: dict[str, list[float]] = {}
    for caller in calls.callers:
        place = caller.place
        recursive = (place.file, place.function, place.first_line) == (calls.file, calls.function, calls.first_line)
        if place.file and not (recursive and calls.nested):
            known = counts.setdefault(_caller(caller, cwd), [0.0, 0.0])
            known[0] += caller.calls
            known[1] += not caller.exact
    ordered = sorted(counts.items(), key=lambda item: -item[1][0])
    return {name: f"{'about ' if guessed else ''}{round(count):,}" for name, (count, guessed) in ordered}


def _caller(caller: Caller, cwd: str) -> str:
    """The line and function; of what hands work to workers, what that is."""
    place = caller.place
    file = place.file.replace("\\", "/")
    for ending, name in _RUNNERS.items():
        if file.endswith(ending) and not is_own_code(file):
            return name
    function = harmless.shortened(place.function.replace(".<locals>.", "."), _LONGEST_NAME)
    return " ".join(f"{words.place(place.file, place.line, cwd)} {function}".split())


def _loop_of(function: FunctionDiagnosis) -> str:
    site = function.breakdown.sites[0] if function.breakdown.sites else None
    if site is None or site.loop is None:
        return ""
    return f", {_INDEPENDENCE.get(site.independent, _INDEPENDENCE['unknown'])}"


def _each(calls: FunctionCalls) -> str:
    count = max(1, calls.outermost)
    mean_cpu = figures.duration(round(calls.cpu_ns / count))
    if calls.outermost <= 1:
        return f"{figures.duration(calls.wall_ns)}, {mean_cpu} of it on a CPU"
    walls = sorted(sample.wall_ns for sample in calls.samples)
    spread = f", longest {figures.duration(calls.longest_ns)}"
    if len(walls) >= _FEW:
        nine = round(quantiles(walls, n=10)[-1])
        spread = f", 9 of 10 within {figures.duration(min(nine, calls.longest_ns))}{spread}"
    middle = f"median {figures.duration(walls[len(walls) // 2])}" if walls else ""
    mean = figures.duration(round(calls.wall_ns / count))
    told = ", ".join(filter(None, (f"{mean} on average", middle)))
    return f"{told}{spread}; {mean_cpu} on a CPU"


def _on_loop(calls: FunctionCalls) -> str:
    if not calls.steps or calls.wall_ns <= 0:
        return ""
    held = f"{figures.duration(calls.held_ns)} in {figures.tally(calls.steps, 'step')}"
    if calls.kind == "generator":
        return f"it worked for {held}, the longest {figures.duration(calls.longest_step_ns)}"
    awaited = figures.duration(max(0, calls.wall_ns - calls.held_ns - calls.idle_ns))
    blocks = "; nothing else ran meanwhile" if calls.longest_step_ns >= _BLOCKS_NS else ""
    longest = figures.duration(calls.longest_step_ns)
    told = f"on the event loop for {held}, the longest {longest}{blocks}; awaiting for {awaited}"
    return f"{told}, and for {figures.duration(calls.idle_ns)} not asked for an item" if calls.idle_ns else told


def _at_once(calls: FunctionCalls) -> str:
    if calls.most_at_once < 2:
        return ""
    where = figures.tally(calls.processes, "process", "processes") if calls.processes > 1 else ""
    threads = figures.tally(calls.threads, "thread") if calls.threads > 1 else ""
    on = ", ".join(filter(None, (where, threads)))
    told = f"{calls.concurrency:.1f} on average while any was under way, {calls.most_at_once:,} at most"
    return f"{told}; on {on}" if on else told


def _failed(calls: FunctionCalls) -> str:
    return f"{figures.tally(calls.failed, 'call')} raised an exception" if calls.failed else ""


def _bound(function: FunctionDiagnosis, cwd: str) -> str:
    verdict = function.verdict
    name = words.BOUND[verdict.bound]
    summary = verdict.summary
    said = summary if summary.casefold().startswith(name.casefold()) else f"{name}: {summary}" if summary else name
    waits = [
        wait for wait in function.breakdown.waits if wait.target and wait.state in OUTSIDE_WAITS | {State.WAIT_LOCK}
    ]
    if waits:
        top = max(waits, key=lambda wait: wait.thread_ns)
        target = harmless.tail_of(paths.familiar(top.target, cwd), _LONGEST_TARGET)
        if function.breakdown.shares.get(top.state, 0.0) >= _WORTH_TELLING and target not in said:
            said += f", most for {target}"
    return said


def _gains(function: FunctionDiagnosis) -> bool:
    return bool(function.advice) and function.advice[0].strategy is not Strategy.SEQUENTIAL


def _advice(function: FunctionDiagnosis) -> str:
    if not function.advice:
        return "no recommendation: too little is known"
    first = function.advice[0]
    if first.strategy is Strategy.SEQUENTIAL:
        return f"{words.headed(first)}: {first.reason}"
    return f"{words.headed(first)} for all that was observed"
