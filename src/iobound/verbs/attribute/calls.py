"""What calls of single functions spent their time on: exact sums of the calls, divided as the looks say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import ceil, sqrt

from iobound.model.breakdown import Breakdown, EventLoop, Interval, Ran, Site
from iobound.model.calls import FunctionCalls
from iobound.model.recording import Place, Recording
from iobound.model.source_facts import LoopFact
from iobound.model.state import COMPUTING, WAITS_OF_ITS_OWN, Budget, Shares, State, total_ns
from iobound.model.timeline import Episode, Timeline
from iobound.verbs.attribute.event_loops import of_function
from iobound.verbs.attribute.frames import StackTable
from iobound.verbs.attribute.tally import Sums, hotspots, sums_of, waits

_MOSTLY = 0.9
_AT_ONCE = 1.2
"""Calls under way on average from which they run beside one another today."""

_Z90 = 1.645
_LEAST_WIDTH = 0.005
_AWAITED = ("coroutine", "async generator")
_FULL_LOOP = frozenset({State.WAIT_NETWORK, State.WAIT_SLEEP, State.WAIT_IPC, State.WAIT_LOCK, State.WAIT_CHILD})
"""What an event loop may wait for in its selector that is of use to a task that awaits."""


def of_calls(
    recording: Recording, timeline: Timeline, whole: Breakdown, functions: Sequence[FunctionCalls]
) -> tuple[Breakdown, ...]:
    """A breakdown of the calls of each function, as if they were all of the run.

    Wall and CPU time are those of the calls themselves; looks divide the CPU time into that with and without the GIL,
    and the rest into waits. What a coroutine awaits is divided as its event loop waited meanwhile.

    Args:
        recording: What was observed.
        timeline: What `timeline` made of it.
        whole: What `breakdown` made of both.
        functions: Calls that were delimited by the functions' own wrappers.
    """
    table = StackTable(recording)
    sums = sums_of(timeline.whole, timeline.threads)
    seen = _looks_by_stack(timeline)
    wall_ns = _wall_ns(recording, functions)
    loops = _Loops(recording, timeline, whole)
    return tuple(_Focus(recording, table, sums, seen, whole, each, wall_ns, loops).breakdown() for each in functions)


class _Loops:
    """What the threads did that ran event loops.

    Attributes:
        waited: Episodes in which they waited for what a task may await.
        stacks: By process and name of each of these threads, the stacks that it was seen in.
    """

    def __init__(self, recording: Recording, timeline: Timeline, whole: Breakdown) -> None:
        self.waited: list[Episode] = []
        self.stacks: dict[tuple[int, str], set[int]] = {
            (loop.process, loop.thread): set() for loop in whole.event_loops
        }
        for thread in timeline.threads:
            who = thread.process, recording.processes[thread.process].threads[thread.thread].name
            if who in self.stacks:
                self.waited += (episode for episode in thread.episodes if episode.state in _FULL_LOOP)
                self.stacks[who].update(stack for _, stack, _ in thread.episodes.doing)


def _wall_ns(recording: Recording, functions: Sequence[FunctionCalls]) -> int:
    """Of the program since the first call: observing begins a moment later."""
    begin = min([recording.start_ns, *(each.first_ns for each in functions if each.calls)])
    return max([recording.end_ns, *(each.last_ns for each in functions)]) - begin


def _looks_by_stack(timeline: Timeline) -> dict[int, int]:
    seen: dict[int, int] = {}
    for thread in timeline.threads:
        doing = thread.episodes.doing
        for number, looks in zip(thread.episodes.number, thread.episodes.seen, strict=True):
            stack = doing[number][1]
            seen[stack] = seen.get(stack, 0) + looks
    return seen


class _Focus:
    """One function: what was seen of it, and what its calls add up to."""

    def __init__(
        self,
        recording: Recording,
        table: StackTable,
        sums: Sums,
        seen: Mapping[int, int],
        whole: Breakdown,
        calls: FunctionCalls,
        wall_ns: int,
        loops: _Loops,
    ) -> None:
        self._loops = loops
        self._wall_ns = max(1, wall_ns)
        self._recording, self._table, self._whole, self._calls = recording, table, whole, calls
        self._inside = inside = self._stacks()
        self._sums = Sums(
            {what: time for what, time in sums.wall.items() if what[0] in inside},
            {what: time for what, time in sums.threads.items() if what[0] in inside},
            {},
        )
        self._looks = sum(count for stack, count in seen.items() if stack in inside) + self._looks_while_awaiting()
        # One call is independent of the next, however long the waits are that they consist of.
        in_proportion = self._looks * whole.independent_looks / max(1, whole.looks)
        self._independent = max(in_proportion, float(min(self._looks, calls.calls)))
        self._seen: dict[State, int] = {}
        for (_, state, _), time in self._sums.threads.items():
            self._seen[state] = self._seen.get(state, 0) + time

    def _looks_while_awaiting(self) -> int:
        """Looks at the event loop while a call of a coroutine awaited: they show what it awaited."""
        calls = self._calls
        if not calls.steps or calls.kind == "generator" or calls.wall_ns <= 0:
            return 0
        awaiting = max(0.0, 1 - (max(calls.held_ns, calls.cpu_ns) + calls.idle_ns) / calls.wall_ns)
        return int(self._whole.looks * awaiting * min(1.0, calls.busy_ns / self._wall_ns))

    def _stacks(self) -> set[int]:
        calls, table = self._calls, self._table
        own = {
            table.function_of[number]
            for number, place in enumerate(table.places)
            if (place.file, place.function, place.first_line) == (calls.file, calls.function, calls.first_line)
        }
        return {stack for stack, functions in enumerate(table.functions) if not own.isdisjoint(functions)}

    def breakdown(self) -> Breakdown:
        """The calls of this function as if they were all of the run."""
        calls, whole = self._calls, self._whole
        shares = self._shares()
        busy_ns = min(calls.busy_ns, calls.wall_ns) if calls.concurrency <= 1 else calls.busy_ns
        computing = sum(shares[state] for state in COMPUTING)
        active = 1 - shares[State.IDLE]
        budget = {state: round(share * busy_ns) for state, share in shares.items() if share}
        spots, waited = hotspots(self._sums, self._table), waits(self._sums, {}, self._recording, self._table)
        return whole._replace(
            wall_ns=busy_ns,
            shares=shares,
            intervals=self._intervals(shares),
            phases=(),
            hotspots=spots.rows,
            functions=(),
            waits=waited.rows,
            sites=(self._site(budget, shares, busy_ns),) if busy_ns > 0 else (),
            event_loops=self._event_loops(),
            ran=self._ran(),
            looks=self._looks,
            independent_looks=self._independent,
            most_threads=calls.threads,
            gil_wait_share=shares[State.WAIT_GIL] / max(1e-9, shares[State.WAIT_GIL] + computing),
            lock_wait_share=shares[State.WAIT_LOCK] / max(1e-9, active),
            system_calls=(),
            left_out={"hotspots": spots.left_out, "waits": waited.left_out},
            finding_ns=(),
        )

    def _event_loops(self) -> tuple[EventLoop, ...]:
        if self._calls.kind not in _AWAITED:
            return ()
        start, loops = self._recording.start_ns, self._whole.event_loops
        its_own = [loop for loop in loops if not self._loops.stacks[loop.process, loop.thread].isdisjoint(self._inside)]
        if not its_own and len(loops) == 1:  # calls that no look met ran there all the same
            its_own = [*loops]
        return tuple(of_function(loop, self._calls, start, self._inside) for loop in its_own)

    def _ran(self) -> Ran:
        calls, table = self._calls, self._table
        inner = {table.place[stack] for stack in self._inside} - {-1}
        seen = {(table.places[place].file, table.places[place].function) for place in inner}
        return Ran(calls.function, frozenset({(calls.file, calls.function), *seen}))

    # -- by state -----------------------------------------------------------------------------------------------

    def _shares(self) -> Shares:
        calls = self._calls
        shares = dict.fromkeys(State, 0.0)
        if calls.wall_ns <= 0:
            shares[State.UNKNOWN] = 1.0
            return shares
        on_cpu = min(1.0, calls.cpu_ns / calls.wall_ns)
        held = on_cpu
        if calls.steps and calls.kind != "generator":
            held = min(1.0, max(on_cpu, calls.held_ns / calls.wall_ns))
            idle = min(1 - held, calls.idle_ns / calls.wall_ns)  # between its items its consumer works
            shares[State.IDLE] += idle
            _divide(shares, 1 - held - idle, self._of_loop())
        elif calls.kind == "generator":  # between its items its caller works, which is no time of its own
            held = min(1.0, max(on_cpu, calls.held_ns / calls.wall_ns))
            shares[State.IDLE] += 1 - held
        else:
            held = 1.0
        _divide(shares, held - on_cpu, {state: ns for state, ns in self._seen.items() if state not in COMPUTING})
        computing = {state: ns for state, ns in self._seen.items() if state in COMPUTING}
        _divide(shares, on_cpu, computing or {State.CPU_PYTHON: 1})
        return shares

    def _of_loop(self) -> dict[State, int]:
        """How the event loops of the run waited between the first call and the end of the last, by state."""
        found: dict[State, int] = {}
        begin, end = self._calls.first_ns, self._calls.last_ns
        for episode in self._loops.waited:
            time = min(end, episode.end_ns) - max(begin, episode.start_ns)
            if time > 0:
                found[episode.state] = found.get(episode.state, 0) + time
        # What was waited for inside of the calls themselves, on the loop, was not awaited.
        return {state: max(0, time - self._seen.get(state, 0)) for state, time in found.items()}

    def _intervals(self, shares: Shares) -> dict[State, Interval]:
        """By the number of looks; what counters say of computing and not computing as a whole is certain.

        How one of the two divides is told by the looks at it: where it is short, these are few or none.
        """
        found = {}
        for state, share in shares.items():
            group = sum(other for key, other in shares.items() if (key in COMPUTING) == (state in COMPUTING))
            if not self._looks or group <= 0:
                found[state] = Interval(0.0 if self._looks == 0 else share, max(share, group))
                continue
            looks = max(1.0, self._independent * group)
            part = share / group
            off = max(_LEAST_WIDTH, _Z90 * sqrt(max(part * (1 - part), 1 / (4 * looks)) / looks)) * group
            found[state] = Interval(max(0.0, share - off), min(group, share + off) if group > share else share)
        return found

    def _loop_held(self) -> Budget:
        """Waits in the steps of a coroutine, which are timed, by what looks saw in them."""
        calls = self._calls
        waited = {state: time for state, time in self._seen.items() if state not in COMPUTING}
        held_ns, seen_ns = calls.held_ns - calls.cpu_ns, total_ns(waited)
        if calls.kind not in _AWAITED or held_ns <= 0 or seen_ns <= 0:
            return {}
        known = WAITS_OF_ITS_OWN & waited.keys()
        return {state: round(held_ns * waited[state] / seen_ns) for state in sorted(known)}

    # -- where it is called -------------------------------------------------------------------------------------

    def _site(self, budget: Mapping[State, int], shares: Shares, busy_ns: int) -> Site:
        calls = self._calls
        place, loop = self._caller()
        known = self._known_site(place, loop)
        share = min(1.0, busy_ns / self._wall_ns)
        site = known or Site(
            file=place.file,
            line=place.line or place.first_line,
            column=place.column,
            function=place.function,
            callee=calls.function.rpartition(".")[2],
            loop=loop,
            items=None,
            items_low=1,
            wall_ns=0,
            share=0.0,
            share_interval=Interval(0.0, 0.0),
            budget={},
            independent=loop.independent if loop else "unknown",
            obstacles=loop.obstacles if loop else (),
        )
        return site._replace(
            items=float(max(1, calls.outermost)),
            items_low=max(1, calls.outermost),
            wall_ns=busy_ns,
            share=share,
            share_interval=Interval(max(0.0, share - _LEAST_WIDTH), min(1.0, share + _LEAST_WIDTH)),
            budget=budget,
            concurrency=calls.concurrency,
            strategy_now=self._strategy(),
            workers_now=max(1, min(calls.most_at_once, ceil(calls.concurrency))),
            item_ns=tuple(sample.wall_ns for sample in calls.samples),
            inner=None,
            around=(),
            thread_budget={state: round(share * calls.wall_ns) for state, share in shares.items() if share},
            awaited=calls.kind in _AWAITED,
            loop_held=self._loop_held(),
        )

    def _caller(self) -> tuple[Place, LoopFact | None]:
        """Where most calls come from, and the loop that they are in there; else the function itself."""
        calls, facts = self._calls, self._recording.facts
        own = Place(calls.file, calls.function, calls.first_line, calls.first_line)
        if not calls.callers or not calls.callers[0].place.file:
            return own, None
        place = calls.callers[0].place
        numbers = _numbers(place, self._table.places)
        enclosing: Iterable[int] = next((facts.enclosing[at] for at in numbers if facts.enclosing.get(at)), ())
        loops = [facts.loops[loop] for loop in enclosing]
        return place, loops[-1] if loops else None

    def _known_site(self, place: Place, loop: LoopFact | None) -> Site | None:
        """What looks found at the same loop, or line, with a callee of that name."""
        name = self._calls.function.rpartition(".")[2]
        for site in self._whole.sites:
            is_there = (
                site.loop == loop if loop else (site.file, site.line, site.loop) == (place.file, place.line, None)
            )
            if is_there and site.callee.rpartition(".")[2] == name:
                return site
        return None

    def _strategy(self) -> str:
        calls = self._calls
        if calls.concurrency < _AT_ONCE:
            return "sequential"
        if calls.kind in _AWAITED:
            return "asyncio"
        return "processes" if calls.processes > 1 else "threads"


def _numbers(place: Place, places: Sequence[Place]) -> list[int]:
    """Places that are this expression, or one that begins at the same line of the same function."""
    exact = [number for number, other in enumerate(places) if other == place]
    alike = [
        number
        for number, other in enumerate(places)
        if (other.file, other.function, other.line) == (place.file, place.function, place.line)
    ]
    return [*exact, *alike]


def _divide(shares: dict[State, float], share: float, as_seen: Mapping[State, int]) -> None:
    """Give a share to states in proportion to what was seen of them, to `unknown` where nothing was."""
    if share <= 0:
        return
    seen = {state: time for state, time in as_seen.items() if time > 0}
    whole = total_ns(seen)
    if not whole:
        shares[State.UNKNOWN] += share
        return
    for state, time in seen.items():
        shares[state] += share * time / whole
