"""The agent: a thread inside the target that says what the Python stacks are, where nobody can read them from outside.

It looks at times of its own. What it sees goes as lines of text into a ring buffer in a shared mapping, so that a
target that is killed loses nothing that was seen.
"""

from __future__ import annotations

import _thread
import os
import sys
import time

import _iobound_frames as frames
from _iobound_ring import EAGER_SWITCH_S, KEPT, QUIT, Ring, escaped
from _iobound_stacks import MAX_NODES, Tables

TYPE_CHECKING = False  # as in `typing`, which is too heavy for a guest
if TYPE_CHECKING:
    from types import FrameType

_COUNTS_THREADS_LATE = (3, 12) <= sys.version_info < (3, 14, 1)
"""Whether `os.fork` counts the threads of the parent, to warn of them, only after the hooks that follow a fork."""

_HAS_CLOCKS = sys.platform.startswith("linux") and hasattr(time, "clock_gettime_ns")
"""Whether the number of a thread's CPU clock follows from its native id."""

_PATIENCE_NS = 10_000_000_000
"""When looks have found the channel full for so long, nobody reads it."""

_LARGEST_ID = 1 << 22
"""Source: PID_MAX_LIMIT of include/linux/threads.h."""


_AGENTS: list[_Agent] = []
"""The one of this process, once it was started: its hooks around a fork stay."""


def start(setting: str) -> bool:
    """Start the agent by the setting of the supervisor, `2;PERIOD_NS;DIRECTORY`; again only after `end`."""
    version, period_ns, directory = setting.split(";", 2)
    if version != "2" or not _is_main_interpreter():
        return False
    agent = _AGENTS[0] if _AGENTS else _Agent(0, "")
    agent.period_ns, agent.directory = int(period_ns), directory
    if not agent.begin():
        return False
    if not _AGENTS:
        _AGENTS.append(agent)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(
                before=agent.before_fork,
                after_in_parent=agent.after_fork_in_parent,
                after_in_child=agent.after_fork_in_child,
            )
    return agent.alive


def end() -> None:
    """End it: no thread and no memory of ours are left, and forks are nothing to us any more."""
    for agent in _AGENTS:
        agent.end()


class _Agent:
    """One process's agent; `open` and `run` again in every forked child."""

    def __init__(self, period_ns: int, directory: str) -> None:
        self.period_ns = period_ns
        self.directory = directory
        self.turn = _thread.allocate_lock()  # who starts, stops or ends the thread
        self.ended = False
        self.ring: Ring | None = None
        self.greeting = ""
        self.thread = 0
        self.gone: _thread.LockType | None = None  # taken while there is a thread; None once it has been seen off
        self.alive = False
        self.stopping = False
        self.unheard = 0  # looks in a row that found no room in the channel
        self.interval: float | None = None  # the target's own switch interval while ours is in force
        self.forking: FrameType | None = None  # only from a fork until its frame goes on
        self.pid = 0
        self.images = 0
        # On a free-threaded build the frame of a thread that runs cannot be read: that may crash the interpreter.
        self.sees_frames = "free-threading" not in sys.version or getattr(sys.flags, "gil", None) == 1

    # -- life ---------------------------------------------------------------------------------------------------

    def begin(self) -> bool:
        """Open and run; False where that cannot be done."""
        self.turn.acquire(True, 2.0)
        try:
            if self.open():
                self.run()
            return self.alive
        finally:
            _let_go(self.turn)

    def open(self) -> bool:
        """Make the channel of this process; False when that cannot be done, and then there is no agent."""
        self.pid = os.getpid()
        self.ended = False
        self.unheard = 0
        self.images += 1
        name = "%d-%d-%x" % (self.pid, self.images, time.monotonic_ns())
        path = os.path.join(self.directory, name)
        try:
            # Only a finished channel gets the name that the supervisor looks for.
            self.ring = Ring(path + ".new")
            self.sleep = _thread.allocate_lock()  # taken for good: a sleep that can be cut short
            self.sleep.acquire()
        except (OSError, ImportError, ValueError):
            self.ring = None
            return False
        self.tables = Tables()
        self.main_ident, self.main_thread = _main_thread()
        self.greeting = "H\t2\t%d\t%%d\t%d\t%d\t%d\t%s\t%s\t%d\t%d\n" % (
            self.pid,
            self.main_ident,
            self.main_thread,
            round(sys.getswitchinterval() * 1e6),
            sys.implementation.name,
            "%d.%d.%d" % sys.version_info[:3],
            getattr(sys, "_is_gil_enabled", lambda: True)(),
            "free-threading" in sys.version,
        )
        try:
            os.rename(path + ".new", path + ".ring")
        except OSError:  # the supervisor has gone, and everything of it
            ring, self.ring = self.ring, None
            ring.close()
            return False
        return True

    def run(self) -> None:
        """Start the thread. Not through `threading`: the target's list of threads is its own."""
        self.stopping = False
        self.alive = True
        self.gone = gone = _thread.allocate_lock()
        gone.acquire()
        begun = _thread.allocate_lock()
        begun.acquire()
        try:
            _thread.start_new_thread(self._live, (self.ring, gone, begun, KEPT))
        except RuntimeError:  # no more threads to be had, or the interpreter is going down
            self.alive = False
            self.gone = None
            return
        # A thread that is still starting when a short process ends would run into an interpreter that is going down.
        begun.acquire(True, 1.0)

    def _live(self, ring: Ring, gone: _thread.LockType, begun: _thread.LockType, kept: object) -> None:
        try:
            self.thread = _thread.get_native_id()
            if self.greeting:
                ring.write(self.greeting % self.thread)
                self.greeting = ""
            else:
                ring.write("A\t%d\n" % self.thread)
            begun.release()
            self._keep_timetable(ring)
        except BaseException as problem:
            self.alive = False
            try:
                ring.write("E\t%s\n" % escaped(type(problem).__name__))
            except BaseException:
                pass
        finally:
            gone.release()

    def _keep_timetable(self, ring: Ring) -> None:
        words, jitter = ring.words, _Jitter()
        others = 1
        while True:
            self._be_eager(others == 1)
            self.sleep.acquire(True, self.period_ns * jitter.next() / 1e9)
            self._be_eager(False)
            if self.stopping:
                return
            if self.unheard * self.period_ns >= _PATIENCE_NS:  # a supervisor that was killed could not dismiss it
                words[QUIT >> 3] = 1
            if words[QUIT >> 3]:
                self.alive = False  # for good: no fork brings it back
                return
            others = self._look(ring, time.monotonic_ns())

    def _be_eager(self, eager: bool) -> None:
        """Ask a single thread for the GIL after 0.2 ms, not 5: a look would blame the call that lets go of it.

        The interval is read by the thread that waits, which is nobody but this one while the target has one thread.
        """
        if eager and self.interval is None:
            own = sys.getswitchinterval()
            if own > EAGER_SWITCH_S:
                self.interval = own
                sys.setswitchinterval(EAGER_SWITCH_S)
        elif not eager and self.interval is not None:
            if abs(sys.getswitchinterval() - EAGER_SWITCH_S) < 1e-6:  # the target has not set one meanwhile
                sys.setswitchinterval(self.interval)
            self.interval = None

    def _stop(self) -> None:
        self.alive, self.stopping = False, True
        self.sleep.release()
        self._see_off()

    def _see_off(self) -> None:
        """Wait until the thread has left its code, and the kernel has let go of it, which takes a moment longer."""
        gone, self.gone = self.gone, None
        if gone is not None:
            gone.acquire(True, 1.0)
            _wait_for_end_of(self.thread)
            self._be_eager(False)

    def end(self) -> None:
        """Stop for good; in a child that was forked meanwhile the parent's thread is not there."""
        self.turn.acquire(True, 2.0)
        try:
            self.ended = True
            if self.alive:
                self._stop()
            else:
                self._see_off()
            self.stopping = False
            ring, self.ring = self.ring, None
            if ring is not None:
                ring.close()
        except BaseException:
            pass
        finally:
            _let_go(self.turn)

    # -- fork ---------------------------------------------------------------------------------------------------

    def before_fork(self) -> None:
        """Stop: from 3.12 a fork warns when the process has a second thread, and it would be ours."""
        try:
            self.turn.acquire(True, 2.0)
            if not self.alive:
                self._see_off()  # it may have ended by itself just now
                return
            if _COUNTS_THREADS_LATE:
                self.forking = sys._getframe(1)  # let go of as soon as it goes on: it holds what the target holds
            self._stop()
        except BaseException:
            pass

    def after_fork_in_parent(self) -> None:
        """Go on, but from 3.12 to 3.14.0 only after `os.fork` has counted the threads; since then it counts before."""
        try:
            if not self.stopping:
                return
            if not _COUNTS_THREADS_LATE:
                self.run()
            elif self.forking is not sys._getframe(1):
                pass  # it was stopped for another fork, which is not over yet, or not at all
            elif sys.getprofile() is None:
                sys.setprofile(self._after_fork_is_over)
            else:
                self.forking = None
        except BaseException:
            pass
        finally:
            _let_go(self.turn)

    def _after_fork_is_over(self, frame: FrameType, event: str, argument: object) -> None:
        """First event of the profile hook in the frame that forked: the fork is over."""
        if frame is not self.forking:
            return
        sys.setprofile(None)
        self.forking = None
        try:
            self.turn.acquire(True, 2.0)
            if not self.ended and not self.alive:
                self.run()
        except BaseException:
            pass
        finally:
            _let_go(self.turn)

    def after_fork_in_child(self) -> None:
        """The thread and its channel are the parent's: begin anew."""
        try:
            self.turn = _thread.allocate_lock()
            self.interval = self.forking = self.gone = None
            self.alive = self.stopping = False
            if not self.ended and not (self.ring is not None and self.ring.words[QUIT >> 3]) and self.open():
                self.run()
        except BaseException:
            pass

    # -- looking ------------------------------------------------------------------------------------------------

    def _look(self, ring: Ring, wanted: int) -> int:
        """Write what the stacks are now; returns the number of Python threads besides this one."""
        if not self.sees_frames or frames.are_of_several_interpreters():
            return self._look_without_frames(ring, wanted)
        threads = frames.threads()
        taken = time.monotonic_ns()
        here = _thread.get_ident()
        if here in threads:
            threads.remove(here)
        tables = self.tables
        if len(tables.nodes) > MAX_NODES:
            tables.clear()
        seen = []
        for ident, places in frames.stacks_of(threads):
            stack = tables.stack_of(places)
            if ident not in tables.names:
                tables.name(ident)
            seen.append("%d:%d:%d" % (ident, stack, _cpu_time_of(self._native_id(ident))))
        self._tell(ring, wanted, taken, "\t".join(seen))
        return len(threads)

    def _native_id(self, ident: int) -> object:
        """Number that the kernel has for a thread; the main one's is that of a parent where it was forked."""
        return self.main_thread if ident == self.main_ident else self.tables.native_id(ident)

    def _look_without_frames(self, ring: Ring, wanted: int) -> int:
        """Write what the threads are called, and what CPU time the process has used."""
        tables = self.tables
        threads = tables.known_threads()
        taken = time.monotonic_ns()
        for ident in threads:
            if ident not in tables.names:
                tables.name(ident)
        self._tell(ring, wanted, taken, "%d:0:%d" % (self.main_ident, -1 - time.process_time_ns()))
        return len(threads)

    def _tell(self, ring: Ring, wanted: int, taken: int, seen: str) -> None:
        tables = self.tables
        tables.lines.append("L\t%d\t%d\t%s\n" % (wanted, taken, seen))
        if ring.write("".join(tables.lines)):
            self.unheard = 0
            tables.lines.clear()
        else:
            self.unheard += 1
            tables.clear()  # definitions were lost with the lines


def _main_thread() -> tuple[int, int]:
    """Ident and native id of the main thread, which may have had another one start the agent."""
    here = _thread.get_ident()
    main = getattr(sys.modules.get("threading"), "_main_thread", None)
    ident, native_id = getattr(main, "_ident", None), getattr(main, "_native_id", None)
    if ident is None or native_id is None or ident == here:  # after a fork the number there is that of the parent's
        return here, _thread.get_native_id()
    return ident, native_id


def _is_main_interpreter() -> bool:
    """A sub-interpreter cannot end while it has a thread of ours."""
    asked = getattr(_thread, "_is_main_interpreter", None)  # from 3.12 on
    if asked is not None:
        return bool(asked())
    try:
        import _xxsubinterpreters as interpreters
    except ImportError:
        return True
    return bool(interpreters.get_current() == interpreters.get_main())


def _cpu_time_of(native_id: object) -> int:
    """What the CPU clock of a thread says; -1 where it has none or has ended.

    Where threads have no such clocks it is less than -1, by the time of the process.

    The kernel is asked by its own number for the thread, and says no where that has ended. `time.pthread_getcpuclockid`
    looks into the memory of the thread, which may be gone by then: a crash.

    Source:
        MAKE_THREAD_CPUCLOCK of include/linux/posix-timers.h: ~id << 3, 4 for a thread, 2 for time on a CPU.
    """
    if not _HAS_CLOCKS:
        return -1 - time.process_time_ns()
    if type(native_id) is not int or not 0 < native_id <= _LARGEST_ID:
        return -1
    try:
        return time.clock_gettime_ns(~native_id << 3 | 6)
    except OSError:
        return -1


def _let_go(lock: _thread.LockType) -> None:
    try:
        lock.release()
    except RuntimeError:  # it could not be had in time
        pass


def _wait_for_end_of(thread: int) -> None:
    """Until the kernel has forgotten the thread, 20 ms at most."""
    task = "/proc/self/task/%d" % thread
    for _ in range(200):
        try:
            os.stat(task)
        except OSError:
            return
        time.sleep(0.0001)


class _Jitter:
    """Random factors around 1, so that a looping target is not met at the same point each time."""

    def __init__(self) -> None:
        self.state = time.monotonic_ns() & 0x7FFFFFFF

    def next(self) -> float:
        """A factor between 0.5 and 1.5."""
        self.state = (self.state * 1103515245 + 12345) & 0x7FFFFFFF
        return 0.5 + self.state / 0x7FFFFFFF
