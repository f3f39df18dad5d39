"""Whole observed runs: what is kept of processes that come, change and go, and what looking costs."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from iobound.errors import TargetNotFound
from iobound.model.increment import assemble
from iobound.model.recording import Gil, Kind, Recording
from iobound.model.source_facts import SourceFacts
from iobound.verbs.observe import Options, Target, observe
from iobound.verbs.observe.launch import Ending
from iobound.verbs.observe.layouts import Layouts
from iobound.verbs.observe.portable import PortableSupervisor
from iobound.verbs.observe.sources import linux_proc
from iobound.verbs.observe.supervisor import Supervisor
from iobound.verbs.observe.timetable import Timetable

# In a process of its own: signals are blocked there and limits raised.
DRIVER = """
import pickle, sys
from iobound.model.source_facts import SourceFacts
from iobound.verbs.observe import Options, Target, observe
class Journal:
    parts = []
    def add(self, part): self.parts.append(part)
options, command = pickle.loads(bytes.fromhex(sys.argv[1]))
observe(Target(command, command), Options(**options), Journal(), lambda places: SourceFacts(), iter(()))
sys.stdout.buffer.write(pickle.dumps(Journal.parts))
"""


def run(
    text: str, *options: str, python: str = sys.executable, before: tuple[str, ...] = (), **how: object
) -> Recording:
    """Observe a program that prints nothing."""
    command = (python, *options, "-c", textwrap.dedent(text))
    chosen = pickle.dumps((how, (*before, *command))).hex()  # between processes of our own
    done = subprocess.run([sys.executable, "-c", DRIVER, chosen], stdout=subprocess.PIPE, check=True, timeout=60)
    opening, *increments, closing = pickle.loads(done.stdout)
    return assemble(opening, increments, closing)


class Kept(list):
    """A journal."""

    add = list.append


def no_facts(places):
    return SourceFacts()


def fails(*_):
    """What must cost no more than what it was for."""
    raise MemoryError("all gone")


def fails_when_asked():
    yield fails()


STEPS = {
    "facts": (),
    "loading": (),
    "looks": ("look",),
    "the last look": ("before_reaping",),
    "the end": ("finish",),
    "the beginning": ("__init__",),
    "what was seen": ("agents",),
    "all": ("look", "before_reaping", "finish", "agents"),
}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("portable", [False, True], ids=["outside", "portable"])
def test_no_fault_of_ours_changes_how_the_target_ends(monkeypatch, portable, step):
    one = PortableSupervisor if portable else Supervisor
    monkeypatch.setattr(linux_proc, "runnable_now", lambda: 0)  # however busy the machine is
    fails_somewhere = not portable or step not in ("the beginning", "the last look")
    for part in STEPS[step] if fails_somewhere else ():
        monkeypatch.setattr(one, part, property(fails, lambda *_: None) if part == "agents" else fails, raising=False)
    kept = Kept()
    command = (sys.executable, "-c", "import time; time.sleep(0.2); raise SystemExit(7)")
    observe(
        Target(command, command),
        Options(portable=portable),
        kept,
        fails if step in ("facts", "all") else no_facts,
        fails_when_asked() if step in ("loading", "all") else iter(()),
    )
    opening, *increments, closing = kept
    assert (closing.exit_code, closing.signal) == (7, None)
    assert any("all gone" in note for note in closing.notes) == fails_somewhere
    if step not in ("what was seen", "all"):  # those who cannot be asked what they cost cannot hand on anything
        (main, *_) = assemble(opening, increments, closing).processes
        assert main.exit_code == 7


@pytest.mark.parametrize(("runnable", "does_something"), [(0, True), (1, True), (10_000, False)])
def test_what_is_spare_waits_for_an_idle_cpu(monkeypatch, runnable, does_something):
    """The target would pay for it where all CPUs are wanted."""
    monkeypatch.setattr(linux_proc, "runnable_now", lambda: runnable)
    steps = iter(range(1_000_000))
    command = (sys.executable, "-c", "import time; time.sleep(0.3)")
    observe(Target(command, command), Options(), Kept(), no_facts, steps)
    assert (next(steps) > 0) == does_something


def test_what_is_spare_is_done_between_looks_that_are_far_apart(monkeypatch):
    monkeypatch.setattr(linux_proc, "runnable_now", lambda: 0)
    steps = iter(range(1_000_000))
    command = (sys.executable, "-c", "import time; time.sleep(1)")
    observe(Target(command, command), Options(rate_hz=1), Kept(), no_facts, steps)
    assert next(steps) > 3


@pytest.mark.parametrize("looks", [0, 3])
def test_a_target_that_has_ended_before_it_was_seen_is_reported(looks):
    process = subprocess.Popen(["/bin/true"])
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    now = time.monotonic_ns()
    kept = Kept()
    supervisor = Supervisor(process.pid, now, Layouts(), None, Timetable(5_000_000, 0.01, now), kept)
    for _ in range(looks):
        supervisor.look()
    supervisor.before_reaping(time.monotonic_ns())
    process.wait()
    supervisor.finish(Ending(5, None), time.monotonic_ns())
    ((_, record),) = kept[-1].processes
    assert (record.pid, record.exit_code) == (process.pid, 5)


SHELL = ("/bin/sh", "-c", 'exec "$0" "$@"')


def capability(recording, fact):
    return next(one for one in recording.capabilities if one.fact == fact)


def kinds(recording, process=0):
    """Share of the time between looks that found a thread unmoved, by what it was blocked in."""
    times: dict[Kind, int] = {}
    for thread in recording.processes[process].threads:
        for channel, seen, still in zip(thread.marks.channel, thread.marks.time, thread.marks.still, strict=True):
            kind = recording.channels[channel].kind
            times[kind] = times.get(kind, 0) + still - seen
    return {kind: spent / max(1, sum(times.values())) for kind, spent in times.items()}


def test_an_image_that_changes_is_followed(interpreter):
    """The shell becomes Python, and that another Python: its GIL and its stacks are found each time."""
    recording = run(
        """
        import os, sys, time
        end = time.monotonic() + 0.2
        while time.monotonic() < end: pass
        again = "import time; end = time.monotonic() + 0.9\\nwhile time.monotonic() < end: pass"
        os.execv(sys.executable, [sys.executable, "-c", again])
        """,
        python=interpreter,
        before=SHELL,
    )
    (process,) = recording.processes
    (thread,) = process.threads
    assert process.agent and process.python
    assert "again" not in process.command and "time.monotonic() + 0.9" in process.command
    held = [
        gil for at, gil in zip(thread.marks.time, thread.marks.gil, strict=True) if at > recording.end_ns - 400_000_000
    ]
    assert held.count(Gil.MINE) > 0.7 * len(held)
    places = {recording.places[recording.stacks[stack].place].function for stack in thread.stacks.stack if stack}
    assert "<module>" in places
    assert thread.stacks.wanted[-1] > recording.end_ns - 400_000_000


def functions(recording, thread):
    """Those at the inner end of its stacks."""
    return {recording.places[recording.stacks[stack].place].function for stack in thread.stacks.stack if stack}


@pytest.mark.parametrize("before", [(), SHELL], ids=["at once", "by a shell"])
@pytest.mark.parametrize("options", [(), ("-I", "-S"), ("-E",)], ids=" ".join)
def test_a_python_has_its_stacks_whatever_its_options_are(interpreter, options, before):
    """Nothing of ours is in the target: there is nothing that an option could keep out."""
    text = "import time\ndef nap(): time.sleep(1.5)\nnap()\nend = time.time() + 0.5\nwhile time.time() < end: pass"
    recording = run(text, *options, before=before, python=interpreter)
    (process,) = recording.processes
    assert process.python and process.agent
    assert capability(recording, "gil_held").available
    assert capability(recording, "python_stacks").available
    assert kinds(recording)[Kind.TIMER] > 0.4
    assert functions(recording, process.threads[0]) >= {"nap", "<module>"}


def test_children_are_seen_whatever_their_environment_is():
    recording = run(
        """
        import os, subprocess, sys
        code = "import time\\ndef nap(): time.sleep(0.4)\\nnap()"
        del os.environ["PATH"]
        os.environ.pop("PYTHONPATH", None)
        subprocess.run([sys.executable, "-c", code], env={})
        subprocess.run(["/bin/sleep", "0.4"])
        """
    )
    assert len(recording.processes) == 3, recording.effort
    main, python, sleep = recording.processes
    assert (main.agent, python.agent, sleep.agent) == (True, True, False)
    assert (main.python, python.python, sleep.python) == (True, True, False)
    assert {python.parent, sleep.parent} == {main.pid}
    assert sleep.command == "/bin/sleep 0.4"
    assert "nap" in functions(recording, python.threads[0])
    assert kinds(recording, 1)[Kind.TIMER] > 0.5
    assert kinds(recording)[Kind.CHILD] > 0.5


def test_an_interpreter_of_another_version_is_asked_where_it_has_its_stacks(interpreter):
    """A child by another interpreter than ours."""
    code = "import time\\ndef nap():\\n    for _ in range(60): time.sleep(0.02)\\nnap()"
    recording = run(f"import subprocess\nsubprocess.run([{interpreter!r}, '-c', '{code}'])")
    _, child = recording.processes
    assert child.agent
    assert "nap" in functions(recording, child.threads[0])


def test_threads_have_their_names(interpreter):
    recording = run(
        """
        import threading, time
        from concurrent.futures import ThreadPoolExecutor
        class Own(threading.Thread):
            def __init__(self):
                self.first, self.second, self.third = "one", "two", "three"
                super().__init__(name="own")
            def run(self): time.sleep(0.5)
        Own().start()
        threading.Thread(target=time.sleep, args=(0.5,), name="größe").start()
        pool = ThreadPoolExecutor(2, "pool of many threads")
        for _ in range(2): pool.submit(time.sleep, 0.5)
        time.sleep(0.5)
        """,
        python=interpreter,
    )
    names = {thread.name for thread in recording.processes[0].threads}
    assert names == {"MainThread", "own", "größe", "pool of many threads_0", "pool of many threads_1"}


def test_odd_names_of_files_and_functions_survive_the_whole_way():
    recording = run(
        r"""
        import time
        def f(): time.sleep(0.2)
        for name in ("/tmp/größe.py", "a\ud800b", "\udcff", "x" * 5000, "line\nand\0"):
            f.__code__ = f.__code__.replace(co_filename=name, co_qualname=name)
            f()
        """
    )
    seen = {recording.places[recording.stacks[stack].place] for stack in recording.processes[0].threads[0].stacks.stack}
    assert {place.file for place in seen} >= {"/tmp/größe.py", "a\ud800b", "\udcff", "x" * 999 + "…", "line\nand\0"}


def test_a_thread_of_c_code_that_becomes_one_of_pythons_is_seen_from_then_on():
    """It has been listed long before it has a thread state."""
    pytest.importorskip("ctypes")
    recording = run(
        """
        import ctypes, time
        done = []
        @ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p)
        def plain(_): pass
        @ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p)
        def entered(_):
            time.sleep(0.6)
            done.append(1)
        ident = ctypes.c_ulong()
        ctypes.CDLL(None).pthread_create(ctypes.byref(ident), None, entered, None)
        while not done: time.sleep(0.05)
        """
    )
    (thread,) = recording.processes[0].threads[1:]
    assert "entered" in functions(recording, thread)


def test_every_thread_is_seen():
    recording = run(
        """
        import threading, time
        for _ in range(5): threading.Thread(target=time.sleep, args=(0.6,)).start()
        time.sleep(0.6)
        """
    )
    threads = recording.processes[0].threads
    assert len(threads) == 6
    assert all(functions(recording, thread) & {"<module>", "Thread.run"} for thread in threads)


def test_children_are_found_although_their_parent_only_waits_for_them():
    """Found at the next search, whether or not the parent has moved meanwhile."""
    text = "import subprocess, time\nfor _ in range(4):\n    time.sleep(0.013); subprocess.run(['sleep', '0.3'])"
    recording = run(text)
    assert [process.command for process in recording.processes[1:]] == ["sleep 0.3"] * 4, recording.effort


def test_every_number_points_into_its_table_and_looks_are_in_order():
    recording = run(
        """
        import hashlib, threading, time
        def work():
            for _ in range(20):
                time.sleep(0.02); hashlib.sha256(bytes(1 << 20)).digest()
        threads = [threading.Thread(target=work, name=f"worker {n}") for n in range(3)]
        for t in threads: t.start()
        for t in threads: t.join()
        """
    )
    threads = recording.processes[0].threads
    assert {thread.name for thread in threads} == {"MainThread", "worker 0", "worker 1", "worker 2"}
    for thread in threads:
        marks = thread.marks
        assert list(marks.time) == sorted(marks.time)
        assert all(at <= still for at, still in zip(marks.time, marks.still, strict=True))
        assert list(marks.cpu) == sorted(marks.cpu)
        assert marks.cpu[-1] <= thread.cpu_ns
        assert all(channel < len(recording.channels) for channel in marks.channel)
        assert all(stack < len(recording.stacks) for stack in thread.stacks.stack)
        assert recording.start_ns <= thread.start_ns <= thread.end_ns <= recording.end_ns
        assert thread.cpu_ns + thread.queued_ns <= thread.end_ns - thread.start_ns + 20_000_000
    assert recording.effort.failed == 0


CROWD = """
import threading, time
end = time.monotonic() + 8
def wait(): time.sleep(max(0, end - time.monotonic()))
def stir():
    while time.monotonic() < end: time.sleep(0.02)
for number in range(500): threading.Thread(target=stir if number % 20 == 0 else wait).start()
"""


@pytest.mark.slow
def test_with_500_threads_it_slows_itself_to_stay_under_its_limit_and_says_so():
    limit = 0.03  # what starting and ending cost shows in a run of seconds
    recording = run(CROWD, max_overhead=limit)
    assert recording.wall_ns > 3_000_000_000
    assert len(recording.processes[0].threads) == 501
    assert recording.effort.cpu_ns / recording.wall_ns <= 1.5 * limit
    assert recording.effort.slowed
    assert any("to stay under --max-overhead" in note for note in recording.notes)


def test_where_observing_took_more_than_was_asked_for_it_says_so():
    """A run that is over at once cannot keep to a limit that starting alone exceeds; one of a whole CPU is kept."""
    over, kept = (run("import time; time.sleep(0.1)", max_overhead=limit) for limit in (0.001, 1.0))
    assert over.effort.cpu_ns > 0.001 * over.wall_ns
    assert [note for note in over.notes if "% of a CPU, more than --max-overhead (0.1 %)" in note]
    assert not [note for note in kept.notes if "more than --max-overhead" in note]


def test_a_target_that_cannot_be_started_is_a_clear_error():
    class Journal:
        def add(self, part):
            pass

    with pytest.raises(TargetNotFound, match="/no/such/python"):
        observe(Target(("/no/such/python",), ()), Options(), Journal(), lambda places: SourceFacts(), iter(()))


def test_a_target_that_takes_too_long_is_stopped():
    recording = run("import time; time.sleep(30)", timeout_s=0.5)
    assert recording.signal == 15
    assert recording.wall_ns < 10_000_000_000
    assert not capability(recording, "whole_run").available


@pytest.mark.parametrize("text", ["import time; time.sleep(20)", "while True: pass"], ids=["sleeps", "computes"])
@pytest.mark.parametrize("portable", [False, True], ids=["outside", "portable"])
def test_it_is_stopped_in_time_although_looks_are_rare(text, portable):
    recording = run(text, timeout_s=0.5, rate_hz=0.1, portable=portable)
    assert recording.signal == 15
    assert 500_000_000 < recording.wall_ns < 3_000_000_000


def test_nothing_is_left_behind(tmp_path, monkeypatch):
    """Of the target or of children that are gone in no time."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    said = tmp_path / "said"
    text = f"""
        import os, time
        children = [os.fork() or os._exit(0) for _ in range(3)]
        open({str(said)!r}, "w").write(" ".join(map(str, [os.getpid(), *children])))
        time.sleep(0.1)
        os._exit(0)
    """
    run(text)
    assert len(said.read_text().split()) == 4
    assert [path.name for path in tmp_path.iterdir()] == ["said"]
    # Folders of programs that have themselves observed, as those of other tests in this process, have longer names.
    assert not list(Path("/dev/shm").glob(f"*iobound-{os.getpid()}-????????"))
