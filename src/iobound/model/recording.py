"""What was observed, before any inference: the only thing that the observer produces and the store keeps.

Flags are observed, states are inferred. All times are integers in nanoseconds of the machine's monotonic
clock, the same for every process of a run.
"""

from __future__ import annotations

from array import array
from enum import IntEnum
from typing import ClassVar, NamedTuple

from iobound.errors import LawBroken
from iobound.model.calls import FunctionCalls
from iobound.model.lawful import lawful
from iobound.model.place import Place as Place  # noqa: PLC0414  # others know it as a part of a recording
from iobound.model.source_facts import SourceFacts

RUNNING = 0
"""Channel number of a thread that was on a CPU or ready to run: not blocked in any system call."""

NO_STACK = 0
"""Index of the empty stack."""


class Gil(IntEnum):
    """Who held the GIL of the thread's process at a look."""

    UNKNOWN = 0
    MINE = 1
    OTHER = 2
    FREE = 3
    NONE = 4  # the process has no GIL: not Python, or a free-threaded build
    QUEUED = 5  # not asked: the thread was woken, but had not been given a CPU yet


class Kind(IntEnum):
    """What a blocked thread is blocked on, as far as the system call and its descriptor say it."""

    UNKNOWN = 0
    INTERNET = 1  # a TCP or UDP socket with a peer, or one that is connecting
    LISTENER = 2  # a listening socket
    UNIX_SOCKET = 3
    PIPE = 4
    FILE = 5  # regular file, directory or block device
    TERMINAL = 6
    STANDARD_INPUT = 7
    CHILD = 8
    TIMER = 9  # nanosleep and friends; a poll with a time-out and nothing to wait on
    FUTEX = 10  # a lock, condition or semaphore somewhere in memory
    GIL = 11  # the futex of the interpreter's GIL
    EVENT_LOOP_TIMER = 12  # a selector that watches nothing but its own wake-up pipe, with a time-out
    EVENT_LOOP_IDLE = 13  # the same without a time-out
    SHARED_FUTEX = 14  # a futex in memory shared with another process
    PAUSED = 15  # stopped, frozen or being debugged
    TIMED_FUTEX = 16  # a lock-like futex with a time-out
    WAKE_UP = 17  # a selector that watches nothing but wake-ups of its own and by other threads (eventfds)
    WAKE_UP_TIMER = 18  # the same with a time-out


class Channel(NamedTuple):
    """One thing that threads were blocked on.

    Attributes:
        call: Name of the system call, such as `recvfrom`; `syscall 451` when it has no name here.
        kind: What the call waits for.
        target: Path, `host:port`, child command or lock address; empty when there is nothing to name.
    """

    call: str
    kind: Kind
    target: str = ""


class StackNode(NamedTuple):
    """Innermost place of a stack, and the index of the stack that called it (`NO_STACK` at the outermost)."""

    caller: int
    place: int


class _Table:
    """Columns of equal length, by default empty ones; `codes` are the type codes of their arrays."""

    __slots__: tuple[str, ...] = ()
    codes: ClassVar[str]

    def __init__(self, *columns: array[int]) -> None:
        for name, column in zip(self.__slots__, columns or [array(code) for code in self.codes], strict=True):
            setattr(self, name, column)

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in self.__slots__)

    __hash__ = None  # type: ignore[assignment]  # it grows

    def __repr__(self) -> str:
        columns = ", ".join(f"{name}={getattr(self, name)}" for name in self.__slots__)
        return f"{type(self).__name__}({columns})"


class Marks(_Table):
    """Outside looks at one thread that found something new; columns of equal length, in order of time.

    A look that finds the counters of the thread unmoved belongs to the mark before it: the thread is still in the
    same wait, and the mark's `still` is moved forward instead.

    Attributes:
        time: When the look was taken.
        still: Last look that found the thread unmoved since `time`; equal to `time` when none did.
        cpu: Nanoseconds on a CPU since the thread began, at `time`.
        queued: Nanoseconds ready to run but without a CPU since the thread began, at `time`.
        channel: Index into `Recording.channels`; `RUNNING` when not blocked.
        gil: A `Gil` value.
        looks: Looks that this mark stands for, at least 1.
    """

    __slots__ = ("time", "still", "cpu", "queued", "channel", "gil", "looks")
    codes = "qqqqlll"

    time: array[int]
    still: array[int]
    cpu: array[int]
    queued: array[int]
    channel: array[int]
    gil: array[int]
    looks: array[int]

    def __len__(self) -> int:
        return len(self.time)

    def append(
        self, time: int, cpu: int, queued: int, channel: int, gil: int, *, still: int | None = None, looks: int = 1
    ) -> None:
        """Add a mark; `still` defaults to `time`."""
        self.time.append(time)
        self.still.append(time if still is None else still)
        self.cpu.append(cpu)
        self.queued.append(queued)
        self.channel.append(channel)
        self.gil.append(gil)
        self.looks.append(looks)


class StackLooks(_Table):
    """Inside looks at one thread: what its Python stack was; columns of equal length, in order of time.

    Attributes:
        wanted: When the look was asked for, which is when the outside was looked at too.
        taken: When it was taken; later than `wanted` when the GIL had to be waited for.
        stack: Index into `Recording.stacks`.
        waited: 1 when the observer had to block for the GIL, 0 when not, -1 when that is not known.
    """

    __slots__ = ("wanted", "taken", "stack", "waited")
    codes = "qqql"

    wanted: array[int]
    taken: array[int]
    stack: array[int]
    waited: array[int]

    def __len__(self) -> int:
        return len(self.wanted)

    def append(self, wanted: int, taken: int, stack: int, waited: int) -> None:
        """Add a look."""
        self.wanted.append(wanted)
        self.taken.append(taken)
        self.stack.append(stack)
        self.waited.append(waited)


class LoopLooks(_Table):
    """How far `for` loops of a thread had come; columns of equal length, in order of time.

    Attributes:
        time: When the look was taken.
        stack: Stack whose innermost frame runs the loop, by index into `Recording.stacks`.
        depth: Which of the frame's running `for` loops: 0 is the outermost.
        loop: Number of one execution of the loop: the same iterator has the same number.
        position: Items begun so far; counted from the first look where the beginning is not known.
        length: Items in all, -1 when not known.
    """

    __slots__ = ("time", "stack", "depth", "loop", "position", "length")
    codes = "qqlqqq"

    time: array[int]
    stack: array[int]
    depth: array[int]
    loop: array[int]
    position: array[int]
    length: array[int]

    def __len__(self) -> int:
        return len(self.time)

    def append(self, time: int, stack: int, depth: int, loop: int, position: int, length: int) -> None:
        """Add a look."""
        self.time.append(time)
        self.stack.append(stack)
        self.depth.append(depth)
        self.loop.append(loop)
        self.position.append(position)
        self.length.append(length)


@lawful
class ThreadRecord(NamedTuple):
    """One thread as observed, from birth (or the first look at it) to its end.

    Attributes:
        cpu_ns: Nanoseconds on a CPU over its life, by the last counter that could be read; `queued_ns` likewise.
    """

    native_id: int
    name: str
    start_ns: int
    end_ns: int
    cpu_ns: int
    queued_ns: int
    marks: Marks
    stacks: StackLooks
    loops: LoopLooks

    def _check(self) -> None:
        if self.end_ns < self.start_ns:
            raise LawBroken(f"thread {self.native_id} ends before it starts")


class ProcessRecord(NamedTuple):
    """One process as observed, Python or not.

    Attributes:
        command: What it runs, for people; at most a few hundred characters.
        python: Whether an interpreter was recognised in it.
        agent: Whether Python stacks could be taken in it.
        exit_code: None when it was not seen to end; 128+N is not used here, see `signal`.
        read_bytes: Bytes that came from the block device; None when not readable. `write_bytes` alike.
        voluntary: Context switches of its first thread because it blocked; None when not readable.
        involuntary: Context switches of its first thread because it was taken off its CPU.
        peak_rss_bytes: Largest resident memory that was seen.
        minor_faults: Page faults without I/O: fresh memory being touched.
        system_ns: CPU time in the kernel.
        children_cpu_ns: CPU time of its children that have ended and were waited for, and of theirs; None when unknown.
        family_voluntary: Voluntary context switches of all its threads, those that have ended among them, and of
            its children that it waited for, and of theirs; None where we have not reaped it ourselves.
        family_involuntary: Involuntary ones, alike.
    """

    pid: int
    parent: int
    command: str
    python: bool
    agent: bool
    start_ns: int
    end_ns: int
    threads: tuple[ThreadRecord, ...]
    exit_code: int | None = None
    signal: int | None = None
    read_bytes: int | None = None
    write_bytes: int | None = None
    voluntary: int | None = None
    involuntary: int | None = None
    peak_rss_bytes: int | None = None
    minor_faults: int | None = None
    system_ns: int | None = None
    children_cpu_ns: int | None = None
    family_voluntary: int | None = None
    family_involuntary: int | None = None


FEWEST_LOOKS = 50
"""Of a shorter run too little was seen for anything to rest on what was not: a wait, a file, a blocked event loop."""

GIL_FACTS = ("gil_held", "gil_holder", "process_memory")
"""Facts of capabilities without which nobody is seen to wait for the GIL."""


class Capability(NamedTuple):
    """One fact that could or could not be had. `why` is None exactly when it is available."""

    fact: str
    source: str
    available: bool
    why: str | None = None


class Interpreter(NamedTuple):
    """The Python that ran the target."""

    implementation: str
    version: str
    gil_enabled: bool
    free_threaded_build: bool


class Machine(NamedTuple):
    """Where it ran. `limited_by` is one of `machine`, `affinity`, `cgroup`."""

    system: str
    cpus: int
    effective_cpus: float
    limited_by: str
    memory_bytes: int


class HostLook(NamedTuple):
    """The machine as a whole over the period that ends at `time`; None for what could not be read.

    Shares are of all CPU time of the machine (`iowait`, `steal`, `busy`) or of wall time (`cpu_pressure`,
    `io_pressure`). `throttled_ns` is time that the cgroup was denied CPU in the period.
    """

    time: int
    busy: float | None = None
    iowait: float | None = None
    steal: float | None = None
    cpu_pressure: float | None = None
    io_pressure: float | None = None
    throttled_ns: int | None = None


class Effort(NamedTuple):
    """What the observation cost and how well it went."""

    cpu_ns: int
    period_ns: int
    wanted: int
    taken: int
    late: int
    failed: int
    slowed: bool = False
    inside_looks: int = 0
    inside_missed: int = 0

    @property
    def missed(self) -> int:
        """Looks that the timetable wanted and that were not taken."""
        return max(0, self.wanted - self.taken)


@lawful
class Recording(NamedTuple):
    """One run as observed: threads with their looks, and the tables that the looks point into.

    `channels[0]` stands for running, `stacks[0]` for the empty stack. The first process is the target itself.

    Attributes:
        own_thread: Native id of the thread whose block of code was observed, from within the program; 0 where all that
            the program does is.
    """

    iobound: str
    created: str
    command: tuple[str, ...]
    cwd: str
    interpreter: Interpreter
    machine: Machine
    capabilities: tuple[Capability, ...]
    start_ns: int
    end_ns: int
    exit_code: int | None
    signal: int | None
    processes: tuple[ProcessRecord, ...]
    channels: tuple[Channel, ...]
    places: tuple[Place, ...]
    stacks: tuple[StackNode, ...]
    host: tuple[HostLook, ...]
    effort: Effort
    facts: SourceFacts = SourceFacts()
    notes: tuple[str, ...] = ()
    functions: tuple[FunctionCalls, ...] = ()  # whose calls were delimited by their own wrappers
    source: str = "linux"  # or "portable": states come from leaf calls and CPU clocks
    own_thread: int = 0

    def _check(self) -> None:
        if self.end_ns < self.start_ns:
            raise LawBroken("the run ends before it starts")

    @property
    def wall_ns(self) -> int:
        """Wall time of the run."""
        return self.end_ns - self.start_ns

    @property
    def nobody_looked(self) -> bool:
        """Whether there are no looks at all: clocks and counters are all that is known."""
        threads = (thread for process in self.processes for thread in process.threads)
        return self.effort.taken == 0 and not any(len(thread.marks) or len(thread.stacks) for thread in threads)
