"""The agent: a thread inside the target that says what the Python stacks are when it is asked.

It sleeps in a POSIX semaphore, which needs no file descriptor that the target could close, holds no lock, and costs
nothing while nobody asks. What it sees goes as lines of text into a ring buffer in a shared mapping, so that a
target that is killed loses nothing that was seen. Where there are no such semaphores it keeps a timetable of its own.

Lines (fields separated by tabs, names as escaped ASCII):

    H version pid agent-thread main-ident main-thread mode switch-interval-us implementation python-version gil free-threaded
    A agent-thread                                   the agent goes on in another thread, after a fork
    N ident thread name                              native id and name of a thread
    C code file qualified-name first-line            a code object
    P place code line column end-line end-column     a call expression in it, -1 for what is not known
    S stack caller place                             a stack: one frame more than its caller
    I ident stack depth loop position length time    how far a `for` loop has come
    L wanted taken waited ident:stack[:cpu-ns] …      a look
    R                                                tables start anew
    E message                                        the agent stopped itself
"""

import _thread
import gc
import mmap
import os
import sys
import time

RING_OFFSET = 4096  # the first page: header and request
RING_BYTES = 256 * 1024
HEAD, TAIL, WANTED, DROPPED, QUIT, ASKED = range(8, 56, 8)  # 64-bit words in the header
MAX_DEPTH = 160
MAX_NODES = 40_000
LOOP_PERIOD_NS = 40_000_000
EAGER_SWITCH_S = 0.0002  # wait this long for the GIL of a single thread before asking for it
MAX_ASKED = 400

_ITERATORS = frozenset(
    type(iter(thing)) for thing in ([], (), "", b"", range(0), {}, {}.values(), {}.items(), set(), range(1 << 70))
) | {enumerate, zip, reversed, type(reversed([])), map, filter}


def start(setting):
    """Start the agent by the setting of the supervisor, `1;MODE;PERIOD_NS;DIRECTORY`; called once a process image."""
    version, mode, period_ns, directory = setting.split(";", 3)
    if version != "1":
        return
    agent = _Agent(mode, int(period_ns), directory)
    if agent.open():
        agent.run()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(
                before=agent.before_fork, after_in_parent=agent.after_fork_in_parent, after_in_child=agent.after_fork_in_child
            )


class _Ring:
    """Single writer, single reader; what does not fit is dropped and counted, never waited for."""

    def __init__(self, path):
        flags = os.O_CREAT | os.O_EXCL | os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
        descriptor = os.open(path, flags, 0o600)
        try:
            size = RING_OFFSET + RING_BYTES
            if hasattr(os, "posix_fallocate"):
                # A hole in a file on a full disk would be a SIGBUS for the target: take the space now or not at all.
                os.posix_fallocate(descriptor, 0, size)
            else:
                os.write(descriptor, bytes(size))
            self.map = mmap.mmap(descriptor, size)
        except BaseException:
            os.unlink(path)
            raise
        finally:
            os.close(descriptor)
        self.words = memoryview(self.map).cast("Q")
        self.map[0:8] = b"IOBRING1"

    def word(self, offset):
        return self.words[offset >> 3]

    def set_word(self, offset, value):
        self.words[offset >> 3] = value

    def write(self, text):
        data = text.encode("ascii")
        head, size = self.words[HEAD >> 3], len(data)
        if size > RING_BYTES - (head - self.words[TAIL >> 3]):
            self.words[DROPPED >> 3] += 1
            return False
        at = head % RING_BYTES
        first = min(size, RING_BYTES - at)
        self.map[RING_OFFSET + at : RING_OFFSET + at + first] = data[:first]
        if first < size:
            self.map[RING_OFFSET : RING_OFFSET + size - first] = data[first:]
        self.words[HEAD >> 3] = head + size
        return True

    def close(self):
        self.words.release()
        self.map.close()


class _Agent:
    def __init__(self, mode, period_ns, directory):
        self.mode = mode
        self.period_ns = period_ns
        self.directory = directory
        self.ring = None
        self.semaphore = None
        self.thread = 0
        self.alive = False
        self.stopping = False
        self.interval = None  # the target's own switch interval while ours is in force
        self.pid = 0
        self.images = 0

    # -- life ---------------------------------------------------------------------------------------------------

    def open(self):
        """Make the channel of this process; False when that cannot be done, and then there is no agent."""
        self.pid = os.getpid()
        self.images += 1
        name = "%d-%d-%x" % (self.pid, self.images, time.monotonic_ns())
        path = os.path.join(self.directory, name)
        try:
            # Only a finished channel gets the name that the supervisor looks for.
            self.ring = _Ring(path + ".new")
            if self.mode == "asked":
                self.semaphore = _open_semaphore("/iobound-" + name)
            else:
                self.semaphore = _thread.allocate_lock()  # taken for good: a sleep that can be cut short
                self.semaphore.acquire()
        except (OSError, ImportError, ValueError):
            self.ring = None
            return False
        self.tables = _Tables()
        self.greeting = "H\t1\t%d\t%%d\t%d\t%d\t%s\t%d\t%s\t%s\t%d\t%d\n" % (
            self.pid,
            _thread.get_ident(),
            _thread.get_native_id(),
            self.mode,
            round(sys.getswitchinterval() * 1e6),
            sys.implementation.name,
            "%d.%d.%d" % sys.version_info[:3],
            getattr(sys, "_is_gil_enabled", lambda: True)(),
            "free-threading" in sys.version,
        )
        os.rename(path + ".new", path + ".ring")
        return True

    def run(self):
        """Start the thread. Not through `threading`: the target's list of threads is its own."""
        self.stopping = False
        self.alive = True
        self.gone = _thread.allocate_lock()
        self.gone.acquire()
        try:
            _thread.start_new_thread(self._live, (self.gone,))
        except RuntimeError:  # no more threads to be had, or the interpreter is going down
            self.alive = False
            self.gone.release()

    def _live(self, gone):
        try:
            self.thread = _thread.get_native_id()
            if self.greeting:
                self.ring.write(self.greeting % self.thread)
                self.greeting = ""
            else:
                self.ring.write("A\t%d\n" % self.thread)
            if self.mode == "asked":
                self._answer()
            else:
                self._keep_timetable()
        except BaseException as problem:
            try:
                self.ring.write("E\t%s\n" % _escaped(type(problem).__name__))
            except BaseException:
                pass
        finally:
            gone.release()

    def _answer(self):
        """Look whenever the supervisor asks."""
        words, acquire, switches = self.ring.words, self.semaphore.acquire, _voluntary_switches()
        others = 1
        while True:
            self._be_eager(others == 1)
            before = switches()
            acquire()
            waited = switches() - before >= 2  # once for the semaphore; a second time means that the GIL was held
            self._be_eager(False)
            if self.stopping or words[QUIT >> 3]:
                return
            others = self._look(words[WANTED >> 3], int(waited))

    def _keep_timetable(self):
        """Look at times of our own: for machines on which nobody can ask from outside."""
        words, jitter = self.ring.words, _Jitter()
        clock = _cpu_clock()
        others = 1
        while True:
            self._be_eager(others == 1)
            self.semaphore.acquire(True, self.period_ns * jitter.next() / 1e9)
            self._be_eager(False)
            if self.stopping or words[QUIT >> 3]:
                return
            others = self._look(time.monotonic_ns(), -1, clock)

    def _be_eager(self, eager):
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

    # -- fork ---------------------------------------------------------------------------------------------------

    def before_fork(self):
        """Stop: from 3.12 a fork warns when the process has a second thread, and it would be ours."""
        try:
            if not self.alive:
                return
            self.alive, self.stopping = False, True
            self.semaphore.release()
            self.gone.acquire(True, 1.0)  # the thread has left its code; the kernel lets go of it a moment later
            _wait_for_end_of(self.thread)
            self._be_eager(False)
        except BaseException:
            pass

    def after_fork_in_parent(self):
        """Go on, but on 3.12 and 3.13 only after `os.fork` has counted the threads."""
        try:
            if not self.stopping:
                return
            if sys.version_info[:2] in ((3, 12), (3, 13)):
                if sys.getprofile() is None:
                    sys.setprofile(self._after_fork_is_over)
            else:
                self.run()
        except BaseException:
            pass

    def _after_fork_is_over(self, frame, event, argument):
        """First event of the profile hook in the target's own code: the fork is over."""
        if frame.f_code.co_filename == __file__:
            return
        sys.setprofile(None)
        try:
            self.run()
        except BaseException:
            pass

    def after_fork_in_child(self):
        """The thread and its channel are the parent's: begin anew."""
        try:
            self.interval = None
            if self.ring is not None:
                self.ring.close()
            if self.open():
                self.run()
        except BaseException:
            pass

    # -- looking ------------------------------------------------------------------------------------------------

    def _look(self, wanted, waited, clock=None):
        """Write what the stacks are now; returns the number of Python threads besides this one."""
        frames = sys._current_frames()
        taken = time.monotonic_ns()
        frames.pop(_thread.get_ident(), None)
        tables = self.tables
        lines = tables.lines
        if len(tables.nodes) > MAX_NODES:
            tables.clear()
        count = len(frames)
        seen = []
        with_loops = taken >= tables.next_loops
        for ident in self._asked(frames):
            frame = frames[ident]
            stack = tables.stack_of(frame, ident, taken if with_loops else 0)
            if ident not in tables.names:
                tables.name(ident)
            seen.append("%d:%d" % (ident, stack) if clock is None else "%d:%d:%d" % (ident, stack, clock(ident)))
        frame = None
        frames.clear()
        if with_loops:
            tables.next_loops = taken + LOOP_PERIOD_NS
        lines.append("L\t%d\t%d\t%d\t%s\n" % (wanted, taken, waited, "\t".join(seen)))
        if not self.ring.write("".join(lines)):
            tables.clear()  # definitions were lost with the lines
        else:
            lines.clear()
        return count

    def _asked(self, frames):
        """Idents of the threads to look at: those that moved by the supervisor's count, or all."""
        words = self.ring.words
        count = words[ASKED >> 3]
        if self.mode != "asked" or count > MAX_ASKED:
            return list(frames)
        first = (ASKED >> 3) + 1
        asked = words[first : first + count]
        return [ident for ident in asked if ident in frames]


class _Tables:
    """Numbers for code objects, places and stacks, each written out once."""

    def __init__(self):
        self.lines = []
        self.next_stack = self.next_place = self.next_code = self.next_loop = 1
        self.next_loops = 0
        self._forget()

    def _forget(self):
        self.codes, self.places, self.nodes, self.names, self.loops = {}, {}, {}, {}, {}

    def clear(self):
        """Forget everything: numbers are not used again."""
        self._forget()
        self.lines[:] = ["R\n"]

    def name(self, ident):
        """Write the thread's name, if `threading` knows it by now."""
        threading = sys.modules.get("threading")
        thread = getattr(threading, "_active", {}).get(ident)
        facts = getattr(thread, "__dict__", {})
        name, native_id = facts.get("_name"), facts.get("_native_id")
        if type(name) is str:
            self.names[ident] = True
            self.lines.append("N\t%d\t%d\t%s\n" % (ident, native_id or 0, _escaped(name)))

    def stack_of(self, frame, ident, loops_at):
        """Number of the frame's stack; with loops_at, also how far its loops have come."""
        chain = []
        while frame is not None and len(chain) < MAX_DEPTH:
            chain.append(frame)
            frame = frame.f_back
        nodes, stack = self.nodes, 0
        for frame in reversed(chain):
            code = frame.f_code
            key = (stack, code, frame.f_lasti)
            node = nodes.get(key)
            if node is None:
                node = nodes[key] = self.next_stack
                self.next_stack += 1
                self.lines.append("S\t%d\t%d\t%d\n" % (node, stack, self._place(code, frame.f_lasti)))
            stack = node
            if loops_at and self.codes[code][1]:
                self._look_at_loops(frame, ident, stack, loops_at)
        chain.clear()
        return stack

    def _place(self, code, lasti):
        key = (code, lasti)
        place = self.places.get(key)
        if place is None:
            number = self._code(code)
            place = self.places[key] = self.next_place
            self.next_place += 1
            line, end_line, column, end_column = _position(code, lasti)
            self.lines.append("P\t%d\t%d\t%d\t%d\t%d\t%d\n" % (place, number, line, column, end_line, end_column))
        return place

    def _code(self, code):
        known = self.codes.get(code)
        if known is None:
            known = self.codes[code] = (self.next_code, _may_have_loops(code.co_filename))
            self.next_code += 1
            self.lines.append(
                "C\t%d\t%s\t%s\t%d\n"
                % (known[0], _escaped(code.co_filename), _escaped(code.co_qualname), code.co_firstlineno)
            )
        return known[0]

    def _look_at_loops(self, frame, ident, stack, now):
        depth = 0
        for thing in gc.get_referents(frame):
            if type(thing) in _ITERATORS:
                progress = _progress(thing)
                if progress is not None:
                    number, position, length = self._loop(id(thing), progress)
                    line = "I\t%d\t%d\t%d\t%d\t%d\t%d\t%d\n"
                    self.lines.append(line % (ident, stack, depth, number, position, length, now))
                    depth += 1

    def _loop(self, identity, progress):
        """Number, position and length of a loop by its iterator."""
        position, remaining, length = progress
        known = self.loops.get(identity)
        if known is None or (remaining > known[1] and position <= known[2]):  # another iterator at the old address
            if len(self.loops) > 1000:
                self.loops.clear()
            known = [self.next_loop, remaining, -1, remaining]
            self.next_loop += 1
            self.loops[identity] = known
        if position < 0:
            position = known[3] - remaining
        known[1], known[2] = remaining, position
        return known[0], position, length


def _progress(iterator):
    """(position or -1, items left, length or -1) of a built-in iterator; None where it cannot be told at no cost."""
    kind = type(iterator)
    try:
        if kind is enumerate:
            inner = iterator.__reduce__()[1][0]
            known = _progress(inner) if type(inner) in _ITERATORS else None
            return known
        if kind in (zip, map, filter):
            parts = iterator.__reduce__()[1]
            inner = next((part for part in parts if type(part) in _ITERATORS), None)
            return None if inner is None else _progress(inner)
        left = iterator.__length_hint__()
        if kind is _LIST_ITERATOR or kind is _TUPLE_ITERATOR:
            state = iterator.__reduce__()
            if len(state) == 3:
                return state[2], left, state[2] + left
        return -1, left, -1
    except (AttributeError, TypeError, RuntimeError, IndexError):
        return None


_LIST_ITERATOR, _TUPLE_ITERATOR = type(iter([])), type(iter(()))


def _may_have_loops(file):
    """Whether progress of loops in this file is worth a look: the user's own code, not a library's."""
    return not (file.startswith("<frozen") or "site-packages" in file or "dist-packages" in file or file.startswith(_LIBRARY))


_LIBRARY = os.path.dirname(os.__file__) + os.sep


def _position(code, lasti):
    """Line and column range of the instruction, -1 for what the code object does not say."""
    index = lasti // 2
    for at, position in enumerate(code.co_positions()):
        if at == index:
            line, end_line, column, end_column = position
            return (
                line or 0,
                end_line or 0,
                -1 if column is None else column,
                -1 if end_column is None else end_column,
            )
    return code.co_firstlineno, 0, -1, -1


def _escaped(text):
    """ASCII without tabs and newlines, of bounded length, for any string."""
    return str.encode(text[:1000], "unicode_escape", "surrogatepass").decode("ascii") or "?"


def _open_semaphore(name):
    from _multiprocessing import SemLock

    return SemLock(_COUNTING, 0, _MAX_COUNT, name, False)


def attach_semaphore(name):
    """The supervisor's end: open the semaphore and take its name away, so that nothing is left behind."""
    from _multiprocessing import SemLock, sem_unlink

    semaphore = SemLock._rebuild(0, _COUNTING, _MAX_COUNT, name)
    sem_unlink(name)
    return semaphore


_COUNTING, _MAX_COUNT = 1, 2**30


def _voluntary_switches():
    """A function that counts the thread's voluntary context switches: the GIL probe."""
    try:
        import resource

        usage, whose = resource.getrusage, resource.RUSAGE_THREAD
    except (ImportError, AttributeError):
        return lambda: 0
    return lambda: usage(whose).ru_nvcsw


def _cpu_clock():
    """A function that reads a thread's CPU clock; without such clocks that of the process, or -1."""
    clock_of, read = getattr(time, "pthread_getcpuclockid", None), getattr(time, "clock_gettime_ns", None)
    if clock_of is None or read is None:
        return lambda ident: -1 - time.process_time_ns()

    def clock(ident):
        try:
            return read(clock_of(ident))
        except OSError:
            return -1

    return clock


def _wait_for_end_of(thread):
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

    def __init__(self):
        self.state = time.monotonic_ns() & 0x7FFFFFFF

    def next(self):
        self.state = (self.state * 1103515245 + 12345) & 0x7FFFFFFF
        return 0.5 + self.state / 0x7FFFFFFF
