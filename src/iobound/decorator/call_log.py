"""The calls of one decorated function in one process: what is kept of each, and what of all.

A call puts five numbers at the end of a list in one step, so that no two threads get in each other's way. About once a
millisecond whoever ends a call puts the list into the sums.
"""

from __future__ import annotations

import _thread
from math import log as logarithm
from operator import lt, sub

from iobound.decorator.overlaps import Overlaps

TYPE_CHECKING = False  # as in `typing`, which is too heavy for what stands in other people's programs
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import CodeType, FrameType

FIELDS = 5
"""Numbers of a call: start and end by the monotonic clock and CPU time of the thread, in nanoseconds; the caller and
the thread, both 0 where they were not asked for."""

FILLED = ("pending", "stepping", "sites")
"""What wrappers know by itself, and not by the log."""

EVERY_CALLER = 4096
"""So many calls are asked where they come from; of later ones, one of sixteen by the clock."""

SOMETIMES = 0x78
"""Bits of the clock that are zero for one of sixteen, whether it counts in nanoseconds or in microseconds."""

MOST_CALLERS = 1000
MOST_SAMPLES = 1000
PAUSE_NS = 1_000_000

ENOUGH = 32 * FIELDS
"""Numbers of calls that are worth being put into the sums, where nobody else needs these at once."""

_DEPTH = 20
"""More than the calls inside one another that taking in a batch needs."""


class CallLog:
    """What is known of a function's calls in this process.

    Args:
        name: Module and qualified name.
        code: The function's own code; None where it is written in another language.
        kind: `function`, `coroutine`, `generator` or `async generator`.
        told: Whether it is in the report when the program ends.
        workers: Pool sizes to predict; the usual ones if empty.
        changed: Called with the log when its sums have changed, about once a millisecond.

    Attributes:
        calls: Calls that have ended, recursive ones among them.
        wall_ns: Time from begin to end of all of them together, and `cpu_ns` CPU time; recursive ones count in those
            around them too, see `Overlaps`.
        failed: Calls that raised.
        steps, held_ns, longest_step_ns: Of coroutines and generators, how often they went on, for how long in all, and
            at most.
        idle_ns: Of asynchronous generators, how long they waited to be asked for the next item.
        longest_ns: The longest of them.
        first_ns, last_ns: Begin of the first to end, and end of the last; 0 while there are none.
        samples: Wall and CPU time of single calls, each as likely as any other.
        several: Whether calls may overlap: then each is asked for its thread. Not before some have come, all in turn.
        mask: Bits of the clock; a call whose end has one of them is not asked where it comes from.
        under_way, most_under_way: Coroutines or generators that have begun and not ended: now, and at most.
        stepping: Threads that a coroutine or generator is on at this moment, each as often as it is.
        callers: By call expression: calls among the first, and those that were met later by chance.
        overlaps: What is known of calls that were under way at once.
        is_left_at_once: Whether the sums are to be up to date, for this process may end at any time without a word.
    """

    def __init__(
        self,
        name: str,
        code: CodeType | None,
        kind: str,
        changed: Callable[[CallLog, int], None],
        *,
        told: bool = True,
        workers: tuple[int, ...] = (),
    ) -> None:
        self.name, self.code, self.kind = name, code, kind
        self.told, self.workers = told, workers
        self.file, self.function = (plain(code.co_filename), plain(code.co_qualname)) if code else ("", name)
        self.first_line = code.co_firstlineno if code else 0
        self.sites: dict[int, tuple[CodeType, int]] = {}
        self.pending: list[int] = []
        self.stepping: list[int] = []
        self._changed = changed
        self.begin_anew()

    def begin_anew(self, born_ns: int = 0) -> None:
        """Forget everything: also in a child that was forked, whose calls are its own.

        Args:
            born_ns: Calls that began before are the parent's.
        """
        self.pending.clear()  # the wrapper goes on to fill this very list, and the other
        self.stepping.clear()
        self.mask = 0
        self.several = True
        self._strangers = 0
        self.calls = self.wall_ns = self.cpu_ns = self.longest_ns = self.failed = 0
        self.first_ns = self.last_ns = 0
        self.steps = self.held_ns = self.idle_ns = self.longest_step_ns = self.under_way = self.most_under_way = 0
        self.samples: list[tuple[int, int]] = []
        self.callers: dict[int, list[int]] = {}
        self.overlaps = Overlaps(may_nest=self.kind == "function")
        self.born_ns = born_ns
        self.is_left_at_once = True
        self.problem = ""
        self._sampling = _Sampling()
        self._draining = _thread.allocate_lock()
        self._is_draining = False

    def __setstate__(self, shared: dict[str, list[int] | dict[int, tuple[CodeType, int]]]) -> None:
        """In another process: what the wrapper goes on to fill, without what it held here."""
        for name, filled in shared.items():
            filled.clear()
            setattr(self, name, filled)

    # -- from the wrapper ---------------------------------------------------------------------------------------

    def learn(self, site: int, frame: FrameType) -> None:
        """Remember what a number of a caller stands for; its code is kept, so that no other gets its address."""
        try:
            if len(self.sites) < MOST_CALLERS:
                self.sites[site] = frame.f_code, frame.f_lasti
        except Exception:  # at the very end of an interpreter, names of modules stand for nothing
            return

    def fail(self, start: int) -> None:
        """A call that began then has raised."""
        if start >= self.born_ns:  # else it is the parent's
            self.failed += 1

    def drain(self, now: int, patience_s: float = -1.0) -> None:
        """Put what is pending into the sums; somebody who does that already is not waited for, unless told to."""
        if not (self._draining.acquire(False) if patience_s < 0 else self._draining.acquire(True, patience_s)):
            if patience_s < 0 or self._is_draining:
                return  # else Ctrl-C came between taking the lock and the next line
        try:
            self._is_draining = True
            _require_room(_DEPTH)
            count = len(self.pending)
            batch = self.pending[:count]
            del self.pending[:count]
            if batch:
                self._add(batch)
                self._changed(self, now)
        except RecursionError:  # before anything was taken from the list: another time
            return
        except BaseException as problem:
            self.problem = f"{type(problem).__name__}: {problem}"[:200].removesuffix(": ")
            if not isinstance(problem, Exception):  # Ctrl-C, just now
                raise
        finally:
            self._is_draining = False
            self._draining.release()

    def _add(self, batch: list[int]) -> None:
        if len(batch) == FIELDS and batch[0] >= max(self.last_ns, self.born_ns):
            self._add_one(*batch)
            return
        if self.born_ns:
            batch = _since(batch, self.born_ns)
            if not batch:
                return
        starts, ends, cpus, sites, threads = (batch[field::FIELDS] for field in range(FIELDS))
        walls = list(map(sub, ends, starts))
        wall_ns, cpu_ns, longest = sum(walls), sum(cpus), max(walls)
        self.wall_ns += wall_ns
        self.cpu_ns += cpu_ns
        if longest > self.longest_ns:
            self.longest_ns = longest
        self._count_callers(sites)
        self._sampling.choose(self.samples, self.calls, walls, cpus)
        in_turn = starts[0] >= self.last_ns and _in_turn(starts, ends)
        if 0 in threads and not in_turn:
            threads = self._told_apart(threads, sites)
        if in_turn and not self.several:
            self.overlaps.add_in_turn(starts[0], ends[-1], len(starts), wall_ns, cpu_ns, threads[-1])
        else:
            self.overlaps.add(starts, ends, walls, cpus, threads, in_turn=in_turn)
        self.several = self.several if in_turn and self.calls < EVERY_CALLER else not in_turn or self._overlapped()
        self.calls += len(starts)
        first = starts[0] if in_turn else min(starts)
        if not self.first_ns or first < self.first_ns:
            self.first_ns = first
        last = ends[-1] if in_turn else max(ends)
        if last > self.last_ns:
            self.last_ns = last
        if self.calls >= EVERY_CALLER:
            self.mask = SOMETIMES

    def _add_one(self, start: int, end: int, cpu_ns: int, site: int, thread: int) -> None:
        """As `_add`, for one call that began when all before it had ended: that is what calls do that are seldom."""
        wall_ns = end - start
        self.wall_ns += wall_ns
        self.cpu_ns += cpu_ns
        if wall_ns > self.longest_ns:
            self.longest_ns = wall_ns
        self._count_callers((site,))
        self._sampling.choose(self.samples, self.calls, (wall_ns,), (cpu_ns,))
        if self.several:
            self.overlaps.add_one(start, end, wall_ns, cpu_ns, thread)
        else:
            self.overlaps.add_in_turn(start, end, 1, wall_ns, cpu_ns, thread)
        if self.calls >= EVERY_CALLER:
            self.several = self._overlapped()
        self.calls += 1
        self.first_ns = self.first_ns or start
        self.last_ns = end
        if self.calls >= EVERY_CALLER:
            self.mask = SOMETIMES

    def _told_apart(self, threads: list[int], sites: list[int]) -> list[int]:
        """Threads for calls that overlap, though none has before, so that they were not asked.

        Where one of those that were asked for their caller was called by the function itself, it is recursive, and
        they were all on the thread that is known; else each was on a thread of its own, which is nobody's number.
        """
        own = self.code is not None and any(self.sites[site][0] is self.code for site in set(sites) & self.sites.keys())
        if own:
            one = next(iter(self.overlaps.threads), 1)
            return [thread or one for thread in threads]
        self._strangers += len(threads)
        return [thread or row - self._strangers for row, thread in enumerate(threads)]

    def _overlapped(self) -> bool:
        return self.overlaps.most > 1 or self.overlaps.nested > 0 or len(self.overlaps.threads) > 1

    def _count_callers(self, sites: Sequence[int]) -> None:
        column = 1 if self.mask else 0
        for site in set(sites):
            if site:  # else it was not asked about
                known = self.callers.setdefault(site if site in self.sites else -1, [0, 0])
                known[column] += sites.count(site)


def plain(text: str) -> str:
    """The same text without what a class of its own makes of it: code may have such names, and some raise."""
    return str.__str__(text)


def _since(batch: list[int], begin: int) -> list[int]:
    calls = [batch[row : row + FIELDS] for row in range(0, len(batch), FIELDS)]
    return [field for call in calls if call[0] >= begin for field in call]


def _require_room(levels: int) -> None:
    """Raise `RecursionError` unless so many calls inside one another are possible."""
    if levels:
        _require_room(levels - 1)


def _in_turn(starts: list[int], ends: list[int]) -> bool:
    """Whether each call began when the one before had ended."""
    return not any(map(lt, starts[1:], ends))


class _Sampling:
    """Chooses calls such that each is as likely to be among the samples as any other.

    Source:
        Algorithm L: Li, "Reservoir-sampling algorithms of time complexity O(n(1+log(N/n)))", 1994.
    """

    def __init__(self) -> None:
        self._state = 0x9E3779B97F4A7C15
        self._weight = 0.0
        self._next = -1

    def choose(self, samples: list[tuple[int, int]], before: int, walls: Sequence[int], cpus: Sequence[int]) -> None:
        """Take in some of a batch, before which there were so many calls."""
        room = MOST_SAMPLES - len(samples)
        if room > 0:
            samples.extend(zip(walls[:room], cpus[:room], strict=True))
        if self._next < 0:
            if len(samples) < MOST_SAMPLES:
                return
            self._weight = self._random() ** (1 / MOST_SAMPLES)
            self._next = MOST_SAMPLES - 1
            self._skip()
        while self._next < before + len(walls):
            at = self._next - before
            samples[int(self._random() * MOST_SAMPLES)] = walls[at], cpus[at]
            self._weight *= self._random() ** (1 / MOST_SAMPLES)
            self._skip()

    def _skip(self) -> None:
        self._next += int(logarithm(self._random()) / logarithm(1 - self._weight)) + 1

    def _random(self) -> float:
        """A number between 0 and 1, neither of them; `random` would be a module more, and its state is the program's.

        Source:
            xorshift64*: Vigna, "An experimental exploration of Marsaglia's xorshift generators, scrambled", 2016.
        """
        state = self._state
        state ^= state >> 12
        state ^= (state << 25) & 0xFFFFFFFFFFFFFFFF
        state ^= state >> 27
        self._state = state
        return (((state * 0x2545F4914F6CDD1D) & 0xFFFFFFFFFFFFFFFF) >> 12 | 1) / (1 << 52)
