"""Sites: loops, and functions that pools run, that repeat one callee over items: what could be done at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from itertools import combinations

from iobound.model.breakdown import Site
from iobound.model.recording import Recording
from iobound.model.source_facts import CallFact
from iobound.model.state import COMPUTING, State, total_ns
from iobound.model.timeline import Timeline
from iobound.verbs.attribute.frames import PROCESSES, THREADS, StackTable
from iobound.verbs.attribute.intervals import Bootstrap
from iobound.verbs.attribute.items import Items, items_by_count, items_of, items_of_loops
from iobound.verbs.attribute.separate_waits import Spells, What, is_wait
from iobound.verbs.attribute.tally import Cut, Sums, wait_key
from iobound.verbs.attribute.workers import Crew, crews

MOST_SITES = 10
LEAST_SHARE = 0.01
_FOR_OTHERS = (State.WAIT_CHILD, State.WAIT_IPC, State.WAIT_LOCK)
_NEARLY_ALL = 0.9
_MOSTLY = 0.5
_KERNEL_CALLS = frozenset({"disk", "database", "network", "dns", "subprocess", "stdin", "sleep"})
_ENTRIES = frozenset(
    "rename renames replace remove unlink mkdir makedirs rmdir link symlink touch write_text write_bytes rmtree".split()
)
"""Calls that change the entries of folders."""

_LOOKS = frozenset("stat lstat getsize getmtime exists isfile isdir islink is_file is_dir access readlink walk".split())
"""Calls that look at the entry of a file and not into it."""

SiteKey = tuple[str, int]
"""`loop` and an index into the facts' loops, or `entry` and the function that a worker runs."""


Nesting = dict[tuple[SiteKey, SiteKey], int]
"""Nanoseconds by outer and inner site."""


class SiteSums:
    """What belongs to one site, while it is being added up. Times in nanoseconds."""

    def __init__(self) -> None:
        self.budget: dict[State, int] = {}
        self.thread_budget: dict[State, int] = {}
        self.places: dict[int, int] = {}  # wall time by place in the loop
        self.thread_places: dict[int, int] = {}  # thread time by place in the loop
        self.stacks: set[int] = set()
        self.leaves: dict[int, int] = {}  # wall time by innermost place of the user's own code
        self.native_leaves: dict[int, int] = {}  # computing without the GIL alike, over all threads
        self.children_ns = 0  # the part of that in which they computed, or were queued for a CPU
        self.waited: dict[State, int] = {}  # wall time that other programs spent while calls of the site waited

    @property
    def wall_ns(self) -> int:
        """Time of the whole run that belongs to the site."""
        return total_ns(self.budget)

    @property
    def own_budget(self) -> dict[State, int]:
        """Wall time by what the program itself did: where other programs worked, it waited for them."""
        own = {state: time - self.waited.get(state, 0) for state, time in self.budget.items()}
        own[State.WAIT_CHILD] = own.get(State.WAIT_CHILD, 0) + total_ns(self.waited)
        return own

    def add_wall(self, stack: int, state: State, time: int, place: int, table: StackTable) -> None:
        """Wall time at a stack in the site, by its place in the loop."""
        self.budget[state] = self.budget.get(state, 0) + time
        self.places[place] = self.places.get(place, 0) + time
        self.stacks.add(stack)
        leaf = table.users_place(stack)
        self.leaves[leaf] = self.leaves.get(leaf, 0) + time

    def changed_to(self, state: State, time: int) -> None:
        """What a thread waited for another program is what that program did; its computing needs no GIL of ours."""
        self.waited[state] = self.waited.get(state, 0) + time
        if state in COMPUTING or state is State.WAIT_CPU:
            self.children_ns += time
            return
        for wait in _FOR_OTHERS:
            moved = min(time, self.thread_budget.get(wait, 0))
            if moved and wait is not state:
                self.thread_budget[wait] -= moved
                self.thread_budget[state] = self.thread_budget.get(state, 0) + moved
                time -= moved


def find_sites(
    recording: Recording,
    timeline: Timeline,
    seen: Mapping[What, Spells],
    table: StackTable,
    sums: Sums,
    bootstrap: Bootstrap,
) -> Cut[Site]:
    """The sites that the run spent most of its wall time in, most first."""
    wall = recording.wall_ns or 1
    repeated = _repeated_entries(timeline, table)
    found = {
        key: site
        for key, site in _collect(sums, table).items()
        if site.wall_ns >= LEAST_SHARE * wall and (key[0] == "loop" or key[1] in repeated)
    }
    best = sorted(found, key=lambda key: (-found[key].wall_ns, key))[:MOST_SITES]
    keys_of = {stack: frozenset(key for key in best if stack in found[key].stacks) for stack in range(len(table.place))}
    workers = crews(timeline, keys_of, table)
    loop_items = items_of_loops(recording, table)
    nesting = _nesting(sums, table, best)
    inner = {key: _inner(key, best, found, nesting) for key in best}
    build = _Builder(recording, table, sums, bootstrap)
    sites = []
    for key in best:
        items = loop_items.get(key[1]) if key[0] == "loop" else None
        items = items or _items_by_source(key, found[key], workers[key], table)
        items = items or items_of(seen, found[key].stacks, found[key].own_budget)
        site = build.site(key, found[key], items, workers[key], inner[key])
        sites.append(site._replace(around=_around(key, best, found, nesting)))
    return Cut(tuple(sites), len(found) - len(best))


def site_keys(stack: int, table: StackTable) -> list[tuple[SiteKey, int]]:
    """Sites that a stack is in, outermost first, each with the place in the loop or function."""
    keys: list[tuple[SiteKey, int]] = []
    entry = table.entries[stack]
    if table.entrances[stack] in (THREADS, PROCESSES) and entry >= 0:
        keys.append((("entry", table.function_of[entry]), entry))
    keys.extend((("loop", loop), place) for loop, place in table.loops[stack])
    return keys


def _repeated_entries(timeline: Timeline, table: StackTable) -> set[int]:
    """Functions that a pool runs, or that several threads or processes run: not those that one thread runs once."""
    runners: dict[int, set[int]] = {}
    repeated: set[int] = set()
    for number, thread in enumerate(timeline.threads):
        for stack in {stack for _, stack, _ in thread.episodes.doing}:
            entry = table.entries[stack]
            if entry >= 0 and table.entrances[stack] in (THREADS, PROCESSES):
                function = table.function_of[entry]
                runners.setdefault(function, set()).add(number)
                if table.pooled[stack]:
                    repeated.add(function)
    return repeated | {function for function, threads in runners.items() if len(threads) > 1}


def _collect(sums: Sums, table: StackTable) -> dict[SiteKey, SiteSums]:
    found: dict[SiteKey, SiteSums] = {}
    for (stack, state, _), time in sums.wall.items():
        for key, place in site_keys(stack, table):
            site = found.setdefault(key, SiteSums())
            site.add_wall(stack, state, time, place, table)
    for (stack, state, _), time in sums.threads.items():
        for key, place in site_keys(stack, table):
            site = found.setdefault(key, SiteSums())
            site.thread_budget[state] = site.thread_budget.get(state, 0) + time
            site.thread_places[place] = site.thread_places.get(place, 0) + time
            site.stacks.add(stack)
            if state is State.CPU_NATIVE:
                leaf = table.users_place(stack)
                site.native_leaves[leaf] = site.native_leaves.get(leaf, 0) + time
    for ((own, state, _), stack), time in sums.waited.items():
        theirs = {key for key, _ in site_keys(own, table)} if own != stack else set()
        for key, place in site_keys(stack, table):
            site = found.setdefault(key, SiteSums())
            site.changed_to(state, time)
            if own != stack and key not in theirs:
                site.add_wall(stack, state, time, place, table)
    return found


def _inner(key: SiteKey, best: list[SiteKey], found: dict[SiteKey, SiteSums], nesting: Nesting) -> int | None:
    """Index of the heaviest site that lies inside this one."""
    for index, other in enumerate(best):
        if nesting.get((key, other), 0) >= _NEARLY_ALL * found[other].wall_ns:
            return index
    return None


def _around(key: SiteKey, best: list[SiteKey], found: dict[SiteKey, SiteSums], nesting: Nesting) -> tuple[int, ...]:
    """Indices of the sites that this one lies inside of, by its stacks."""
    enough = max(1.0, _NEARLY_ALL * found[key].wall_ns)
    return tuple(index for index, other in enumerate(best) if nesting.get((other, key), 0) >= enough and other != key)


def _nesting(sums: Sums, table: StackTable, best: list[SiteKey]) -> Nesting:
    """Wall time that each of the best sites spent inside each of the others."""
    nesting: Nesting = {}
    wanted = set(best)
    calls = [(stack, time) for ((own, _, _), stack), time in sums.waited.items() if own != stack]
    for stack, time in [*((what[0], time) for what, time in sums.wall.items()), *calls]:
        keys = [key for key, _ in site_keys(stack, table) if key in wanted]
        for outer, inner in combinations(keys, 2):
            nesting[outer, inner] = nesting.get((outer, inner), 0) + time
    return nesting


def _items_by_source(key: SiteKey, site: SiteSums, crew: Crew, table: StackTable) -> Items | None:
    """Items of a loop whose length stands in the source, None where another loop or a pool may run it unseen times."""
    count = table.facts.loops[key[1]].trip_count if key[0] == "loop" else None
    if count is None or any(table.pooled[stack] or table.loops[stack][0][0] != key[1] for stack in site.stacks):
        return None
    return items_by_count(count, crew.visits)


class _Builder:
    def __init__(self, recording: Recording, table: StackTable, sums: Sums, bootstrap: Bootstrap) -> None:
        self._recording = recording
        self._table = table
        self._sums = sums
        self._bootstrap = bootstrap

    def site(self, key: SiteKey, site: SiteSums, items: Items, crew: Crew, inner: int | None) -> Site:
        """Put together what is known of one site."""
        loop = self._recording.facts.loops[key[1]] if key[0] == "loop" else None
        place, callee = self._callee(key, site)
        where = self._table.places[place]
        return Site(
            file=where.file,
            line=where.line or (loop.line if loop else where.first_line),
            column=where.column,
            function=where.function,
            callee=callee,
            loop=loop,
            items=items.estimate,
            items_low=items.certain,
            wall_ns=site.wall_ns,
            share=site.wall_ns / (self._recording.wall_ns or 1),
            share_interval=self._bootstrap.interval(
                lambda facet: facet.stack in site.stacks or facet.waiting_stack in site.stacks
            ),
            budget=site.budget,
            independent=loop.independent if loop else "unknown" if key[0] == "loop" else "yes",
            obstacles=loop.obstacles if loop else (),
            concurrency=crew.concurrency,
            strategy_now=crew.strategy,
            workers_now=crew.most,
            minor_faults_per_s=self._faults(crew),
            item_ns=items.durations,
            serial_target=self._serial_target(site),
            inner=inner,
            thread_budget=site.thread_budget,
            calls=self._calls(site),
            short_calls_ns=self._native_ns(site, _is_short),
            page_filling_ns=self._page_filling_ns(site, crew),
            file_changes_ns=self._native_ns(site, _changes_files),
            children_ns=site.children_ns,
        )

    def _native_ns(self, site: SiteSums, wanted: Callable[[CallFact], bool]) -> int:
        """Computing without the GIL in some calls of the user's own code, over all threads."""
        calls = self._recording.facts.calls
        return sum(time for place, time in site.native_leaves.items() if place in calls and wanted(calls[place]))

    def _page_filling_ns(self, site: SiteSums, crew: Crew) -> int | None:
        """Native computing at which the kernel made fresh memory: its part of CPU time, where no call to it says more.

        Page faults alone do not tell: one may stand for two megabytes.
        """
        processes = [self._recording.processes[number] for number in crew.processes]
        computed = sum(thread.cpu_ns for process in processes for thread in process.threads)
        kernel = [process.system_ns for process in processes if process.system_ns is not None]
        if not computed or not kernel:
            return None
        calls = self._recording.facts.calls
        native = sum(
            time
            for place, time in site.native_leaves.items()
            if place not in calls or calls[place].category not in _KERNEL_CALLS
        )
        return round(native * min(1.0, sum(kernel) / computed))

    def _calls(self, site: SiteSums) -> dict[str, int]:
        """Wall time by what the innermost of the user's own code calls."""
        found: dict[str, int] = {}
        for place, time in site.leaves.items():
            fact = self._recording.facts.calls.get(place)
            if fact is not None:
                found[fact.name] = found.get(fact.name, 0) + time
        return found

    def _callee(self, key: SiteKey, site: SiteSums) -> tuple[int, str]:
        """The heaviest call expression of the site and what it calls.

        No callee where the loop itself computes, nor for a call in a loop inside of it, which runs more often.
        """
        weights = site.places if total_ns(site.budget) else site.thread_places
        heaviest = max(weights, key=lambda place: (self._table.places[place].line > 0, weights[place]))
        if key[0] == "entry":
            return heaviest, self._table.places[key[1]].function
        facts = self._recording.facts
        once = [place for place in weights if place in facts.calls and facts.enclosing.get(place, ())[-1:] == (key[1],)]
        by_callee: dict[str, int] = {}
        for place in once:
            name = facts.calls[place].name
            by_callee[name] = by_callee.get(name, 0) + weights[place]
        if sum(by_callee.values()) < _MOSTLY * sum(weights.values()):
            return heaviest, ""
        callee = max(by_callee, key=lambda name: by_callee[name])
        places = [place for place in once if facts.calls[place].name == callee]
        return max(places, key=lambda place: weights[place]), callee

    def _faults(self, crew: Crew) -> float | None:
        """Page faults per second of computing in the processes that ran it."""
        faults = computed = 0
        for number in crew.processes:
            process = self._recording.processes[number]
            if process.minor_faults is None:
                return None
            faults += process.minor_faults
            computed += sum(thread.cpu_ns for thread in process.threads)
        return faults / (computed / 1e9) if computed else None

    def _serial_target(self, site: SiteSums) -> str:
        """What all waiting in the site is for, where that is one thing."""
        targets: dict[str, int] = {}
        for what, time in self._sums.wall.items():
            stack, state, _ = what
            if stack in site.stacks and is_wait(state) and state not in (State.WAIT_GIL, State.WAIT_SLEEP):
                target = wait_key(what, self._recording, self._table)[1]
                targets[target] = targets.get(target, 0) + time
        if not targets:
            return ""
        heaviest = max(targets, key=lambda target: targets[target])
        return heaviest if targets[heaviest] >= 0.95 * sum(targets.values()) else ""


def _is_short(call: CallFact) -> bool:
    """Whether a call lets go of the GIL for a moment: it looks at the entry of a file, or steps from row to row."""
    last = call.name.rpartition(".")[2]
    return (call.category == "disk" and last in _LOOKS) or (call.category == "database" and last != "commit")


def _changes_files(call: CallFact) -> bool:
    """Whether a call makes, renames or removes files, for which the file system keeps one journal."""
    last = call.name.rpartition(".")[2]
    if call.category != "disk":
        return False
    return last in _ENTRIES or (last == "open" and re.search(r"""["'][rbt]*[wax+]|O_CREAT""", call.text) is not None)
