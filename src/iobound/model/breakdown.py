"""Time by state and place: what a timeline adds up to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from iobound.errors import LawBroken
from iobound.model.lawful import lawful
from iobound.model.source_facts import FindingFact, LoopFact
from iobound.model.state import WANTS_CPU, Budget, Shares, State, require_shares


@lawful
class Interval(NamedTuple):
    """A 90 % interval of a share or a ratio."""

    low: float
    high: float

    def _check(self) -> None:
        if self.low > self.high:
            raise LawBroken(f"interval from {self.low} to {self.high} is upside down")


class ThreadBudget(NamedTuple):
    """One thread's life by state, in nanoseconds."""

    name: str
    native_id: int
    lifetime_ns: int
    budget: Budget


class ProcessBudget(NamedTuple):
    """One process: its threads, and its place in `Recording.processes`."""

    process: int
    lifetime_ns: int
    budget: Budget  # of the instants of this process, by its most active thread
    threads: tuple[ThreadBudget, ...]


class Phase(NamedTuple):
    """Stretch of the run whose shares differ from its neighbours'. Times are relative to the start of the run."""

    start_ns: int
    end_ns: int
    shares: Shares
    name: str = ""  # `imports`, `tear-down` or empty


class Hotspot(NamedTuple):
    """A call expression (or line) that the run's wall time was spent in, innermost of the user's own code.

    Attributes:
        call: Resolved name of the callee, `` when it is no call.
        wall_ns: Time of the whole run that belongs to it (shares of hotspots add up to at most 1).
        budget: That time by state.
        thread_ns: Thread-seconds spent there over all threads, in nanoseconds.
    """

    file: str
    line: int
    column: int
    function: str
    call: str
    wall_ns: int
    budget: Budget
    thread_ns: int


class FunctionTime(NamedTuple):
    """Wall time of the run inside one function."""

    file: str
    function: str
    first_line: int
    self_budget: Budget
    total_budget: Budget


class Wait(NamedTuple):
    """Waiting of one kind for one target.

    Attributes:
        target: `host:port (service)`, path, child command, lock site; empty when not known.
        thread_ns: Time over all threads.
        wall_ns: Time of the whole run that belongs to it.
        count: Separate waits that were seen; short waits between two looks are missed.
        file, line: Innermost place of the user's own code, None when no stack was seen.
        count_brief: Those of them that one look alone has seen.
    """

    state: State
    target: str
    wall_ns: int
    thread_ns: int
    count: int  # type: ignore[assignment]  # a tuple has a method of this name
    file: str | None
    line: int | None
    count_brief: int = 0

    @property
    def count_known(self) -> bool:
        """Whether they are all of them: most lasted for more than one look, so that few were missed."""
        return 0 < self.count >= 2 * self.count_brief


class SystemCall(NamedTuple):
    """Time in one system call, as the kernel tells it.

    Attributes:
        call: Its name; empty for time in none: computing, or wanting to.
        target: Path or peer; empty when not known.
        state: What the call by itself waits for; the state as inferred where `call` is empty.
        wall_ns: Time of the whole run that belongs to it.
        thread_ns: Time over all threads.
    """

    call: str
    target: str
    state: State
    wall_ns: int
    thread_ns: int


class Site(NamedTuple):
    """A loop or repeated call that runs one callee over items: what could be done at once.

    Attributes:
        file, line, function: The call expression inside the loop.
        callee: Resolved name of what is called per item.
        loop: The enclosing loop from the source, None when not found.
        items: Items that were run, best estimate; None when they were too short to be told apart.
        items_low: Items that were certainly seen begun.
        wall_ns: Time of the whole run inside the call.
        share: `wall_ns` over the run's wall time.
        budget: `wall_ns` by state.
        concurrency: Mean number of threads or processes in the call while any was in it.
        strategy_now: `sequential`, `threads`, `processes` or `asyncio`: how it runs today.
        workers_now: Largest number seen in it at once.
        gil_releases_per_s: Hand-overs of the GIL per second of its computing, None when not measured.
        minor_faults_per_s: Page faults per second of computing in its process, None when not measured.
        item_ns: Durations of single items that were delimited by looks, for the distribution; may be empty.
        serial_target: A target that all its waiting is for, when there is exactly one.
        calls: Wall time by the call that the innermost of the user's own code was in, in nanoseconds.
        short_calls_ns: Thread time that computes with the GIL released in calls that let go of it for a moment each.
        file_changes_ns: The same in calls that make, rename or remove files.
        page_filling_ns: Thread time that computes with the GIL released while the kernel hands out fresh memory.
        thread_budget: Time in the call by state, added up over all threads and processes that were in it; empty when
            not known. The same as `budget` where one thread at a time was in it, and nothing that was started computed.
        around: Sites that nearly all of its time is inside of, by their indices.
        children_ns: Time in which programs that were started computed, or wanted to, while calls waited for them: in
            `thread_budget` it is waiting.
        awaited: Whether what is called is a coroutine: threads cannot be handed it as it is.
        loop_held: Part of `thread_budget` in which coroutines that were called waited without awaiting: nothing else
            on their event loop ran, so that they take turns.
    """

    file: str
    line: int
    column: int
    function: str
    callee: str
    loop: LoopFact | None
    items: float | None
    items_low: int
    wall_ns: int
    share: float
    share_interval: Interval
    budget: Budget
    independent: str
    obstacles: tuple[str, ...] = ()
    concurrency: float = 1.0
    strategy_now: str = "sequential"
    workers_now: int = 1
    gil_releases_per_s: float | None = None
    minor_faults_per_s: float | None = None
    item_ns: tuple[int, ...] = ()
    serial_target: str = ""
    inner: int | None = None  # index of a site nested inside this one
    thread_budget: Budget = {}  # noqa: RUF012  # nothing is ever put into a budget that a noun has
    calls: Mapping[str, int] = {}
    short_calls_ns: int = 0
    page_filling_ns: int | None = None
    file_changes_ns: int = 0
    children_ns: int = 0
    around: tuple[int, ...] = ()
    awaited: bool = False
    loop_held: Budget = {}  # noqa: RUF012


class Placed(NamedTuple):
    """A finding of the scanner, and what a run says of its place.

    Attributes:
        share: Of the run's wall time, at the place or in what is called there; None when it was not seen running.
    """

    finding: FindingFact
    share: float | None


class LoopBlock(NamedTuple):
    """An event loop's thread that did not get back to its selector for a while.

    Attributes:
        state: What most of it was, waiting for a CPU left out where there was anything else.
        file: The innermost of the user's own code in the callback, else of an installed library, else of all.
        importing: Whether it was importing modules, which happens once.
        stack: Index into `Recording.stacks` of what stands for it.
        part: How much of it counts: of calls of a function, as much as they were under way.
    """

    start_ns: int  # relative to the start of the run
    duration_ns: int
    state: State
    file: str
    line: int
    function: str
    call: str
    importing: bool = False
    stack: int = 0
    part: float = 1.0

    @property
    def counted_ns(self) -> int:
        """The part of its duration that counts."""
        return round(self.part * self.duration_ns)

    @property
    def waits(self) -> bool:
        """Whether it is waiting that could be awaited, or be another thread's."""
        return self.state not in WANTS_CPU and not self.importing

    @property
    def place(self) -> tuple[str, int]:
        """File and line."""
        return self.file, self.line


class EventLoop(NamedTuple):
    """One thread that ran an event loop: how long its callbacks kept it from its selector.

    Attributes:
        blocked_ns: Sum of the blocks, as far as they count.
        longest_ns: Of a single block.
        selecting_ns: Time of the whole run that belongs to its selector.
        waiting_ns: Time of the whole run that belongs to waits inside its callbacks, imports left out.
        process: Index into `Recording.processes`.
    """

    thread: str
    blocked_ns: int
    longest_ns: int
    blocks: tuple[LoopBlock, ...]
    selecting_ns: int = 0
    waiting_ns: int = 0
    process: int = 0

    def without_imports(self) -> EventLoop:
        """Without loading modules: that is done once, and nothing can be awaited instead."""
        return self.with_blocks([block for block in self.blocks if not block.importing])

    def with_blocks(self, blocks: Sequence[LoopBlock]) -> EventLoop:
        """The same loop with other blocks, and what follows from them."""
        blocked_ns = sum(block.counted_ns for block in blocks)
        longest_ns = max((block.duration_ns for block in blocks), default=0)
        return self._replace(blocks=tuple(blocks), blocked_ns=blocked_ns, longest_ns=min(longest_ns, blocked_ns))

    @property
    def worst(self) -> LoopBlock | None:
        """The longest block at the place that waits for longest in all; of all blocks where none waits."""
        blocks = [block for block in self.blocks if block.waits] or self.blocks
        times: dict[tuple[str, int], int] = {}
        for block in blocks:
            times[block.place] = times.get(block.place, 0) + block.counted_ns
        return max(blocks, key=lambda block: (times[block.place], block.counted_ns), default=None)


class Ran(NamedTuple):
    """What ran in the calls of one function, as looks saw it.

    Attributes:
        function: Its own qualified name.
        functions: File and qualified name of itself and of those that were seen inside of it.
    """

    function: str
    functions: frozenset[tuple[str, str]]

    @property
    def files(self) -> frozenset[str]:
        """Their files."""
        return frozenset(file for file, _ in self.functions)


class Totals(NamedTuple):
    """Counters of the whole run over all observed processes; None where the machine does not offer them.

    Attributes:
        host_busy: Share of all CPU time of the machine, whoever used it.
        unseen_children_ns: CPU time of the main process's children that were too short-lived to be observed.
    """

    cpu_ns: int
    system_ns: int | None = None
    read_bytes: int | None = None
    write_bytes: int | None = None
    voluntary: int | None = None
    involuntary: int | None = None
    minor_faults: int | None = None
    iowait: float | None = None
    steal: float | None = None
    cpu_pressure: float | None = None
    io_pressure: float | None = None
    throttled_ns: int | None = None
    peak_rss_bytes: int | None = None
    host_busy: float | None = None
    unseen_children_ns: int | None = None


@lawful
class Breakdown(NamedTuple):
    """A run by state, thread, phase and place. Nothing here is predicted or advised."""

    wall_ns: int
    shares: Shares
    intervals: Mapping[State, Interval]
    processes: tuple[ProcessBudget, ...]
    phases: tuple[Phase, ...]
    hotspots: tuple[Hotspot, ...]
    functions: tuple[FunctionTime, ...]
    waits: tuple[Wait, ...]
    sites: tuple[Site, ...]
    event_loops: tuple[EventLoop, ...]
    totals: Totals
    looks: int  # outside looks at the main process
    independent_looks: float  # effective number after autocorrelation
    most_threads: int = 1  # Python threads alive at once in the main process
    gil_wait_share: float | None = 0.0  # GIL wait / (GIL wait + computing), in thread-seconds; None where not seen
    lock_wait_share: float = 0.0  # thread-seconds in wait_lock / all not idle
    system_calls: tuple[SystemCall, ...] = ()  # empty where they cannot be seen
    notes: tuple[str, ...] = ()
    left_out: Mapping[str, int] = {}  # rows that `hotspots`, `waits` and `sites` had no room for
    ran: Ran | None = None  # what ran in the calls of a function that this is of; None: it is of the whole run
    finding_ns: tuple[int | None, ...] = ()  # of `SourceFacts.findings`: wall time at or below; None: never seen there

    def _check(self) -> None:
        require_shares(self.shares)

    @property
    def most_held_up(self) -> EventLoop | None:
        """The event loop whose callbacks the run waited for longest, without imports."""
        loops = [loop.without_imports() for loop in self.event_loops]
        return max(loops, key=lambda each: min(each.blocked_ns, each.waiting_ns), default=None)

    def placed(self, findings: Sequence[FindingFact]) -> tuple[Placed, ...]:
        """The findings of the recording with their shares, largest first, those not seen running last.

        Args:
            findings: `SourceFacts.findings` of the recording that this was made of.
        """
        times = self.finding_ns if len(self.finding_ns) == len(findings) else (None,) * len(findings)
        shares = (None if time is None else time / max(1, self.wall_ns) for time in times)
        placed = (Placed(finding, share) for finding, share in zip(findings, shares, strict=True))
        return tuple(sorted(placed, key=lambda each: -1.0 if each.share is None else each.share, reverse=True))
