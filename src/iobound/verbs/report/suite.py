"""The summary of a test suite as text: the answer, then what it rests on."""

from __future__ import annotations

from collections.abc import Sequence

from iobound.model.state import COMPUTING, OUTSIDE_WAITS, State, total_ns
from iobound.model.stretch import StretchWait, joined
from iobound.model.suite import Phase, SuiteFindings, TimedTest, XdistAdvice, XdistPrediction, function_of
from iobound.verbs.report import figures, harmless, paths, plain, words
from iobound.verbs.report.blocks import Block, Cell, Column, Page, Prose, Role, Section, Table
from iobound.verbs.report.style import TextStyle

MOST_LISTED = 10
_WORTH_LISTING_NS = 10_000_000
_SHARE_WORTH_LISTING = 0.002
_ALL = 0.95
_SURELY = 2
"""How often what a time may be off by must be in it, for a test to be named for that time."""
_LONGEST_COMMAND = 48
WAITS = OUTSIDE_WAITS | {State.WAIT_LOCK, State.WAIT_GIL}
_LIMITS = {
    "start_up": "starting the workers",
    "cpus": "the CPUs",
    "longest_test": "the longest test",
    "fixtures": "repeated fixtures",
    "workers": "the number of workers",
    "tests": "the number of tests",
    "controller": "passing on the results",
}


def render(findings: SuiteFindings, style: TextStyle) -> str:
    """The summary, without colour: pytest's own output sets it apart."""
    return plain.render(_page(findings), style._replace(plain=False))


def _page(findings: SuiteFindings) -> Page:
    sections = (
        _waiters(findings),
        _sleepers(findings),
        _blocked(findings),
        fixtures(findings),
        xdist(findings.advice) if findings.advice else None,
        compared(findings),
        _notes(findings),
    )
    told = headline(findings)
    return Page(tuple(told[:2]), tuple(told[2:]), tuple(section for section in sections if section is not None))


def headline(findings: SuiteFindings) -> list[Prose]:
    """Verdict, advice, what was run, and the budget, each with its label."""
    advice = findings.advice
    tests = figures.tally(len(findings.tests), "test")
    phases = ", ".join(f"{_PHASE[phase]} {figures.duration(time)}" for phase, time in findings.phases.items())
    cpu = sum(test.cpu_ns for test in findings.tests)
    whole = total_ns(findings.budget)
    seen = ", ".join(text for text, _ in words.largest(findings.budget, 4))
    lines = [
        (f"{findings.bound} - {findings.summary}", "verdict:"),
        (advised(advice) if advice else "not known: the workers did not say what they did beside tests", "advice:"),
        (f"{tests}, {figures.duration(whole)} in {phases}; {figures.duration(cpu)} on a CPU", "suite:"),
        (seen, "budget:"),
        (_unobserved(findings.lost), "note:") if findings.lost else ("", ""),
    ]
    return [Prose(text, label, indent=0, label_width=8) for text, label in lines if text]


_HOW = {State.WAIT_SLEEP: "sleeping", State.WAIT_CPU: "without a CPU", State.WAIT_GIL: "without the GIL"}
_PHASE = {Phase.SETUP: "set-up", Phase.CALL: "calls", Phase.TEARDOWN: "tear-down"}


def _unobserved(lost: str) -> str:
    return f"only wall time and CPU time are known: {lost}; `iobound env` says what can be observed"


def advised(advice: XdistAdvice) -> str:
    """How many workers, and what that gains."""
    chosen = advice.at(advice.workers)
    if advice.leaves_it or chosen is None:
        return f"leave it: {advice.reason}"
    command = f"pytest -n {advice.workers}" if advice.workers else "run it without pytest-xdist"
    wall = figures.duration(round(chosen.wall_s * 1e9))
    return f"{command}: {figures.speed_up(chosen.speed_up)}, {wall} in all; {advice.reason}"


def _waiters(findings: SuiteFindings) -> Section | None:
    """Tests that wait longest for something other than a timer."""
    found = listed(findings, frozenset(WAITS))
    blocks = [waiter(test, findings) for test in found[:MOST_LISTED]]
    return _section("Slowest waiters", blocks, len(found))


def _sleepers(findings: SuiteFindings) -> Section | None:
    found = listed(findings, frozenset({State.WAIT_SLEEP}))
    blocks = [sleeper(test, findings) for test in found[:MOST_LISTED]]
    return _section("Tests that sleep", blocks, len(found))


def sleeper(test: TimedTest, findings: SuiteFindings) -> Prose:
    """How long a test sleeps, and where."""
    waits = [wait for wait in test.waits if wait.state is State.WAIT_SLEEP]
    where = f" at {_place(waits[0], findings)}" if waits and waits[0].file else ""
    return Prose(f"{test.test} sleeps {figures.duration(test.budget[State.WAIT_SLEEP])}{where}")


def listed(findings: SuiteFindings, states: frozenset[State]) -> list[TimedTest]:
    """Tests with so much time in these states that it is worth telling, most first; cases of one function as one."""
    least = max(
        _WORTH_LISTING_NS, round(_SHARE_WORTH_LISTING * total_ns(findings.budget) / max(1, len(findings.tests)))
    )
    found = [
        test
        for test in _cases_together(findings.tests)
        if test.in_states(states) >= max(least, _SURELY * test.uncertain_ns)
    ]
    return sorted(found, key=lambda test: (-test.in_states(states), test.test))


def _cases_together(tests: Sequence[TimedTest]) -> list[TimedTest]:
    """Cases of one function as one test: a hundred lines that differ in a parameter say what one does."""
    cases: dict[str, list[TimedTest]] = {}
    for test in tests:
        cases.setdefault(function_of(test.test), []).append(test)
    return [of[0] if len(of) == 1 else _together(name, of) for name, of in cases.items()]


def _together(name: str, cases: Sequence[TimedTest]) -> TimedTest:
    budget: dict[State, int] = {}
    for case in cases:
        for state, time in case.budget.items():
            budget[state] = budget.get(state, 0) + time
    return cases[0]._replace(
        test=f"{name} ({len(cases)} cases)",
        cpu_ns=sum(case.cpu_ns for case in cases),
        uncertain_ns=round(sum(case.uncertain_ns**2 for case in cases) ** 0.5),
        budget=budget,
        waits=joined(wait for case in cases for wait in case.waits),
        blocks=tuple(block for case in cases for block in case.blocks),
    )


def _section(title: str, blocks: list[Prose], count: int) -> Section | None:
    if not blocks:
        return None
    more = count - len(blocks)
    rest: tuple[Block, ...] = (Prose(f"and {figures.tally(more, 'more test')}", role=Role.FAINT),) if more > 0 else ()
    return Section(title, (*blocks, *rest))


def waiter(test: TimedTest, findings: SuiteFindings) -> Prose:
    """How long a test waits, for what, and where."""
    waits = [wait for wait in test.waits if wait.state in WAITS]
    whole = figures.duration(test.in_states(frozenset(WAITS)))
    if not waits:
        return Prose(f"{test.test} waits {whole}")
    first = waits[0]
    part = (
        ""
        if first.duration_ns >= _ALL * test.in_states(frozenset(WAITS))
        else f", {figures.duration(first.duration_ns)} of it"
    )
    return Prose(f"{test.test} waits {whole}{part} {_cause(first, findings)}")


def _cause(wait: StretchWait, findings: SuiteFindings) -> str:
    """What a wait is for, and where."""
    at = f", at {_place(wait, findings)}" if wait.file else ""
    return f"{_object(wait)}{_meanwhile(wait.behind, findings)}{at}"


def _object(wait: StretchWait) -> str:
    target = wait.target
    if wait.state is State.WAIT_NETWORK:
        return f"on {target}" if target else "on the network"
    if wait.state is State.WAIT_CHILD:
        return f"for the child `{_command(target)}`" if target else "for a child process"
    if wait.state is State.WAIT_LOCK:
        return "for another thread" if wait.behind else "for a lock"
    if wait.state is State.WAIT_DISK:
        return f"on the disk ({target})" if target else "on the disk"
    if wait.state is State.WAIT_IPC:
        return f"on a pipe or local socket ({target})" if target else "on a pipe or local socket"
    return {State.WAIT_GIL: "for the GIL", State.WAIT_INPUT: "for input"}.get(wait.state, f"in {wait.state}")


def _command(text: str) -> str:
    """A command as it is told: its beginning says what runs, its end with what."""
    return harmless.shortened(paths.command(text), _LONGEST_COMMAND)


def _meanwhile(behind: StretchWait | None, findings: SuiteFindings) -> str:
    if behind is None:
        return ""
    is_process = behind.who.startswith("process ")
    who = _command(behind.who.removeprefix("process ")) if is_process else behind.who
    if behind.state in COMPUTING:
        does = "computes"
    elif behind.state is State.WAIT_SLEEP:
        does = "sleeps"
    elif behind.state is State.WAIT_CPU:
        does = "gets no CPU"
    else:
        does = f"waits {_object(behind)}"
    at = f" at {_place(behind, findings)}" if behind.file else ""
    return f", while {who} {does}{at}"


def _place(wait: StretchWait, findings: SuiteFindings) -> str:
    return words.place(wait.file, wait.line, findings.run.rootdir)


def _blocked(findings: SuiteFindings) -> Section | None:
    tests = [test for test in _cases_together(findings.tests) if test.blocks]
    tests.sort(key=lambda test: (-sum(block.duration_ns for block in test.blocks), test.test))
    blocks = []
    for test in tests[:MOST_LISTED]:
        longest = max(test.blocks, key=lambda block: block.duration_ns)
        whole = sum(block.duration_ns for block in test.blocks)
        how = "computing" if longest.state in COMPUTING else _HOW.get(longest.state, "waiting")
        call = f" in {longest.call}" if longest.call else ""
        place = words.place(longest.file, longest.line, findings.run.rootdir)
        blocks.append(Prose(f"{test.test} blocks its event loop for {figures.duration(whole)}, {how}{call} at {place}"))
    return _section("Event loops that are blocked", blocks, len(tests))


def fixtures(findings: SuiteFindings) -> Section | None:
    """The dearest fixtures."""
    found = [each for each in findings.fixtures if each.wall_ns >= _WORTH_LISTING_NS]
    if not found:
        return None
    columns = (
        Column("fixture", least=8),
        Column("scope", rank=3),
        Column("set up", right=True),
        Column("time", right=True),
        Column("on a CPU", right=True, rank=2),
        Column("tear-down", right=True, rank=1),
    )
    rows = tuple(
        (
            Cell(each.name),
            Cell(each.scope),
            Cell(f"{each.count} ×"),
            Cell(figures.duration(each.wall_ns)),
            Cell(figures.duration(each.cpu_ns)),
            Cell(figures.duration(each.tear_down_ns)),
        )
        for each in found[:MOST_LISTED]
    )
    more = len(found) - len(rows)
    return Section("Dearest fixtures", (Table(columns, rows, f"and {more} more" if more else ""),))


def xdist(advice: XdistAdvice) -> Section | None:
    """What other numbers of workers would gain."""
    if not advice.predictions:
        return None
    columns = (
        Column("run with"),
        Column("speed-up", right=True),
        Column("takes", right=True),
        Column("limited by", rank=2),
        Column("fixtures repeated", least=12, rank=3),
    )
    rows = tuple(_prediction(each) for each in advice.predictions)
    now = f"-n {advice.now}" if advice.now else "one process"
    return Section("pytest-xdist, predicted", (Table(columns, rows),), f"against this run: {now}; 90 % intervals")


def _prediction(each: XdistPrediction) -> tuple[Cell, ...]:
    repeated = ", ".join(f"{one.name} {one.then} ×" for one in each.repeated[:3])
    return (
        Cell(f"-n {each.workers}" if each.workers else "one process"),
        Cell(figures.speed_up(each.speed_up)),
        Cell(figures.duration(round(each.wall_s * 1e9))),
        Cell(_LIMITS.get(each.bottleneck, each.bottleneck) if each.workers else ""),
        Cell(repeated),
    )


def compared(findings: SuiteFindings) -> Section | None:
    """What changed since an earlier report, beyond noise."""
    found = findings.comparison
    if found is None:
        return None
    blocks: list[Prose] = []
    for title, changed in (("waits longer", found.longer), ("waits less", found.shorter)):
        for each in changed[:MOST_LISTED]:
            target = f", most of it {each.target}" if each.target else ""
            change = f"{figures.duration(each.now_ns)}, {figures.duration(each.before_ns)} before"
            blocks.append(Prose(f"{each.test} {title}: {change}{target}"))
        if len(changed) > MOST_LISTED:
            blocks.append(Prose(f"and {figures.tally(len(changed) - MOST_LISTED, 'more test')} that {title}"))
    if not blocks:
        blocks.append(Prose("no test waits longer or less than noise explains"))
    if found.added or found.removed:
        blocks.append(Prose(f"{figures.tally(found.added, 'test')} new, {found.removed} gone"))
    return Section("Since the baseline", tuple(blocks), found.path)


def _notes(findings: SuiteFindings) -> Section | None:
    return Section("Notes", tuple(Prose(note) for note in findings.notes)) if findings.notes else None
