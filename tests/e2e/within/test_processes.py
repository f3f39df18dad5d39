"""Children, forks and pools in a block; who is waited for; and what lived before."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from .conftest import SOURCE


def test_the_end_of_the_shell_is_signalled_to_nobody_and_found_by_nobody(programs):
    """A handler sees nothing, and who waits for any child finds none of ours, at whatever moment."""
    text = """
import signal
seen, found_children = [], []
signal.signal(signal.SIGCHLD, lambda *_: seen.append(1))
stop = threading.Event()
def reap():
    while not stop.is_set():
        try:
            found_children.append(os.waitpid(-1, os.WNOHANG))
        except ChildProcessError:
            pass
reaper = threading.Thread(target=reap)
reaper.start()
for _ in range(10):
    with iobound.observe():
        pass
stop.set(); reaper.join()
say(seen=len(seen), found=len(found_children))
"""
    assert programs.run(text).last == {"seen": 0, "found": 0}


def test_who_waits_for_a_child_gets_that_child(programs):
    text = """
got = []
def wait():
    got.append(os.wait()[0])
child = os.fork() or (time.sleep(0.7), os._exit(0))
waiter = threading.Thread(target=wait)
waiter.start()
with iobound.observe() as observation:
    time.sleep(0.1)
with iobound.observe() as observation:
    waiter.join()
say(right=got == [child], bound=observation.report.bound)
"""
    assert programs.run(text).last["right"]


POOLS = """
import multiprocessing, concurrent.futures
def work(n):
    spin(0.15)
    return os.getpid()
if __name__ == "__main__":
    multiprocessing.set_start_method({method!r})
    with iobound.observe(portable={portable}) as observation:
        with concurrent.futures.ProcessPoolExecutor(2) as pool:
            pids = set(pool.map(work, range(8)))
    say(workers=sorted(pids), **found(observation.report))
"""


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
@pytest.mark.parametrize("portable", [False, True])
def test_pools_in_a_block_are_observed(programs, method, portable):
    program = programs.run(POOLS.format(method=method, portable=portable))
    assert program.exit_code == 0, program.errors
    last = program.last
    if not portable:
        assert set(last["workers"]) <= set(last["pids"])
        assert last["busy"]
    assert "early" not in str(last["notes"])


def test_forks_in_a_block_go_on_by_themselves(programs):
    text = """
with iobound.observe() as observation:
    child = os.fork()
    spin(0.3)
    if not child:
        time.sleep(0.2)
if not child:
    report = observation.report
    say(child=report.bound, notes=report.diagnosis.recording.notes)
    os._exit(0)
os.waitpid(child, 0)
say(**found(observation.report), number=len(found(observation.report)["pids"]))
"""
    program = programs.run(text)
    assert program.facts[0]["child"] == "inconclusive"
    assert "forked from the observed one" in program.facts[0]["notes"][0]
    assert program.last["number"] == 2 and program.last["busy"]


@pytest.mark.parametrize("portable", [False, True])
def test_forks_by_another_thread_while_blocks_begin_and_end_are_no_harm(programs, portable):
    text = f"""
import warnings
warnings.simplefilter("ignore")
stop = threading.Event()
forks = []
def fork():
    while not stop.is_set():
        child = os.fork()
        if not child:
            os._exit(0)
        os.waitpid(child, 0)
        forks.append(child)
thread = threading.Thread(target=fork)
thread.start()
for _ in range(12):
    with iobound.observe(portable={portable}) as observation:
        time.sleep(0.02)
stop.set()
thread.join()
say(forks=len(forks) > 5, **others())
"""
    last = programs.run(text).last
    assert last["forks"] and (last["threads"], last["children"]) == (1, 0)


def test_a_child_that_is_forked_has_no_agent_when_it_goes_on_after_the_block(programs):
    text = """
def threads():
    return len(os.listdir("/proc/self/task"))
reading, writing = os.pipe()
with iobound.observe(portable=True) as observation:
    time.sleep(0.2)
    child = os.fork()
    if not child:
        os.read(reading, 1)
        end = time.monotonic() + 30  # its agent looks whether it is still wanted, and then goes
        while threads() > 1 and time.monotonic() < end:
            time.sleep(0.02)
        grandchild = os.fork()
        if not grandchild:
            say(who="grandchild", threads=threads())
            os._exit(0)
        os.waitpid(grandchild, 0)
        say(who="child", threads=threads())
        os._exit(0)
os.write(writing, b".")
os.waitpid(child, 0)
after = os.fork()
if not after:
    say(who="after", threads=threads())
    os._exit(0)
os.waitpid(after, 0)
say(who="program", threads=threads())
"""
    program = programs.run(text)
    assert {said["who"]: said["threads"] for said in program.facts} == {
        "grandchild": 1,
        "child": 1,
        "after": 1,
        "program": 1,
    }


def test_a_child_may_start_the_observer_of_its_parent_and_be_gone_before_that_runs(programs):
    """What it told the observer is heard all the same, so that the parent need not wait for anything."""
    text = """
from iobound.pipeline.attached import Attached, start_for
from iobound.pipeline.unobserved import Clocks
from iobound.verbs.observe.folder import private_folder
folder = private_folder()
begun = Clocks()
child = os.fork()
if not child:
    start_for(os.getppid(), ("mine",), folder)
    os._exit(0)
os.waitpid(child, 0)
attached = Attached.started_by_another(("mine",), folder)
begins = attached.wait_until_begun()
spin(0.2)
attached.stop()
recording = attached.seen(begun, Clocks())
say(begins=begins, lost=attached.lost, command=recording.command, processes=len(recording.processes))
"""
    assert programs.run(text).last == {"begins": True, "lost": "", "command": ["mine"], "processes": 1}


def test_a_program_that_leaves_its_terminal_is_still_observed(programs):
    """The classic way: fork, a session of its own, fork again; the block is the last process's."""
    text = """
if os.fork():
    os._exit(0)
os.setsid()
if os.fork():
    os._exit(0)
with iobound.observe() as observation:
    spin(0.3)
say(**found(observation.report))
"""
    process = programs.start(text)
    output, errors = process.communicate(timeout=60)
    assert b'"busy": true' in output, errors


SUBREAPER = """
import ctypes
ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)
"""


@pytest.mark.parametrize("way", ["ends", "is killed"])
def test_a_program_that_adopts_orphans_is_left_none(programs, way):
    text = f"""{SUBREAPER}
import signal
with iobound.observe() as observation:
    spin(0.2)
    inside = others()["children"]
    if {way!r} == "is killed":
        os.kill(observation._attached._beside.pid, signal.SIGKILL)
say(inside=inside, **others(), **found(observation.report))
"""
    last = programs.run(text).last
    assert (last["inside"], last["children"]) == (1, 0)
    assert len(last["pids"]) <= 1


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a namespace of processes")
def test_the_first_process_of_a_container_is_left_no_zombies(programs):
    text = """
for _ in range(3):
    with iobound.observe() as observation:
        spin(0.2)
say(pid=os.getpid(), children=others()["children"], **found(observation.report))
os._exit(0)
"""
    process = programs.start(text, by=["unshare", "--pid", "--fork", "--mount-proc", programs.python])
    output, errors = process.communicate(timeout=60)
    if b"unshare" in errors:
        pytest.skip(errors.decode())
    last = json.loads(output.splitlines()[-1])
    assert (last["pid"], last["children"], last["busy"]) == (1, 0, True), errors


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
@pytest.mark.parametrize("when", ["before", "inside"])
@pytest.mark.parametrize("dumpable", [False, True])
def test_a_program_that_gives_up_being_root_has_its_report(programs, when, dumpable):
    become = f"os.setgroups([]); os.setgid(65534); os.setuid(65534); libc.prctl(4, {int(dumpable)}, 0, 0, 0)"
    text = f"""
import ctypes
import iobound.pipeline.observed, iobound.verbs.attribute, iobound.verbs.advise, iobound.verbs.report
with iobound.observe() as warm: pass
str(warm.report), found(warm.report)
libc = ctypes.CDLL(None)
if {when!r} == "before":
    {become}
with iobound.observe() as observation:
    spin(0.2)
    if {when!r} == "inside":
        {become}
    spin(0.2)
say(lost=observation._attached.lost, bytes=len(observation._attached._content), **others())
"""
    program = programs.run(text)
    assert program.exit_code == 0, program.errors
    last = program.last
    if not last["lost"].startswith(("there is no", "the observer cannot be started")):  # to others it may be closed
        assert last["lost"] == "" and last["bytes"] > 100
    assert last["children"] == 0


def test_what_was_before_the_block_does_not_count(programs):
    """Of this process: time, bytes, switches, children that have ended. Of a child that lives on: its time."""
    text = """
import subprocess
path = os.path.join(os.environ["TMPDIR"], "file")
def write(count):
    with open(path, "wb") as file:
        for _ in range(count):
            file.write(bytes(1 << 20)); file.flush(); os.fsync(file.fileno())
write(24)
spin(1.0)
subprocess.run([sys.executable, "-c", "sum(range(10**7))"], check=True)
for _ in range(3000):
    time.sleep(0)
    os.sched_yield()
    time.sleep(0.00002)
ready, stop = threading.Event(), threading.Event()
def background():
    spin(0.6)
    ready.set()
    stop.wait()
thread = threading.Thread(target=background, name="background")
thread.start()
done, tell = os.pipe()
child = os.fork()
if not child:
    spin(1.0)
    os.write(tell, b".")
    time.sleep(60)
os.read(done, 1)
while not ready.is_set():
    time.sleep(0.01)
with iobound.observe() as observation:
    time.sleep(0.5)
os.kill(child, 9); stop.set(); thread.join(); os.waitpid(child, 0)
whole = observation.report.as_dict()
recording = observation.report.diagnosis.recording
main = recording.processes[0]
say(**found(observation.report), io=whole["processes"][0]["io"], switches=whole["processes"][0]["context_switches"],
    children_cpu=main.children_cpu_ns, system=main.system_ns, faults=main.minor_faults,
    threads=[(one.name, one.cpu_ns) for process in recording.processes for one in process.threads])
"""
    last = programs.run(text).last
    assert not last["busy"] or last["bound"] == "starved"  # others may have the CPUs
    assert last["cpu_s"] < 0.1 * last["wall_s"]
    assert last["io"]["write_bytes"] < 1 << 20
    assert last["switches"]["voluntary"] < 200
    assert last["children_cpu"] < 50_000_000
    assert len(last["pids"]) == 2 and len(last["threads"]) == 3
    assert all(cpu_ns < 50_000_000 for _, cpu_ns in last["threads"]), last["threads"]
    assert "background" in [name for name, _ in last["threads"]]


def test_threads_and_children_that_live_on_count_while_the_block_lasts(programs):
    text = """
stop = threading.Event()
def background():
    while not stop.is_set():
        spin(0.05)
thread = threading.Thread(target=background)
thread.start()
child = os.fork()
if not child:
    spin(60)
time.sleep(0.3)
with iobound.observe() as observation:
    time.sleep(0.8)
time.sleep(0.3)
stop.set(); thread.join(); os.kill(child, 9); os.waitpid(child, 0)
recording = observation.report.diagnosis.recording
lives = [one.end_ns - one.start_ns for process in recording.processes for one in process.threads]
say(wall=recording.wall_ns, lives=lives, **found(observation.report),
    cpus=[one.cpu_ns for process in recording.processes for one in process.threads])
"""
    last = programs.run(text).last
    assert all(life <= last["wall"] for life in last["lives"])
    main, background, child = last["cpus"]
    assert main < 0.1 * last["wall"]
    assert background > 0.05 * last["wall"] and child > 0.05 * last["wall"]  # however busy the machine is
    assert max(background, child) <= 1.05 * last["wall"]


@pytest.mark.parametrize("portable", [False, True])
def test_a_block_in_a_child_that_has_lived_long(programs, portable):
    text = f"""
child = os.fork()
if not child:
    spin(1.0)
    with iobound.observe(portable={portable}) as observation:
        time.sleep(0.5)
    say(**found(observation.report))
    os._exit(0)
os.waitpid(child, 0)
"""
    last = programs.run(text).last
    assert last["shares"]["wait_sleep"] > 0.9 and last["cpu_s"] < 0.1 * last["wall_s"]


def test_many_blocks_leave_nothing(programs):
    """No descriptors, no memory to speak of, no processes."""
    text = """
import resource
def memory():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()
for number in range({count}):
    with iobound.observe(portable={portable}):
        pass
    if number == 20:
        before = others(), memory()
after = others(), memory()
say(before=before[0], after=after[0], grown=after[1] - before[1])
"""
    for portable, count in ((False, 200), (True, 60)):
        last = programs.run(text.format(portable=portable, count=count)).last
        assert last["before"] == last["after"]
        assert last["grown"] < 4 << 20, (portable, last["grown"])


def test_many_processes_at_once_are_each_observed_by_their_own(programs):
    text = """
import subprocess
code = "import iobound, time\\nwith iobound.observe() as o: time.sleep(0.5)\\n" \\
    "print(len(o._attached._content), o._attached.lost)"
running = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) for _ in range(50)]
said = [each.communicate()[0].decode().split(maxsplit=1) for each in running]
say(sizes=[int(words[0]) for words in said if words], lost=[words[1:] for words in said if words[1:]])
"""
    last = programs.run(text).last
    assert len(last["sizes"]) == 50 and min(last["sizes"]) > 100
    assert last["lost"] == []


def test_hundreds_of_threads(programs):
    text = """
stop = threading.Event()
threads = [threading.Thread(target=stop.wait, daemon=True) for _ in range(500)]
for thread in threads: thread.start()
with iobound.observe() as observation:
    spin(0.5)
stop.set()
for thread in threads: thread.join()
say(**found(observation.report))
"""
    last = programs.run(text).last
    assert last["busy"]
    assert sum(len(names) for _, names in last["processes"]) == 501


@pytest.mark.skipif(sys.version_info < (3, 12), reason="one GIL for all before")
def test_a_block_in_a_sub_interpreter_is_no_harm(programs):
    text = """
try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters
code = f'''
import sys; sys.path[:] = {sys.path!r}
import iobound, time
for portable in (False, True):
    with iobound.observe(portable=portable) as observation:
        time.sleep(0.2)
    observation.report.bound
'''
other = interpreters.create()
problem = interpreters.run_string(other, code)
interpreters.destroy(other)
with iobound.observe() as observation:
    spin(0.2)
say(problem=str(problem), **found(observation.report))
"""
    last = programs.run(text).last
    assert last["problem"] == "None", last["problem"]


AS_NOBODY = """
import os, sys
sys.dont_write_bytecode = True
os.setgroups([]); os.setgid(65534); os.setuid(65534); os.chdir("/")
import ctypes
ctypes.CDLL(None).prctl(4, int(sys.argv[2]), 0, 0, 0)
sys.path.insert(0, sys.argv[1])
import iobound, time
with iobound.observe() as observation:
    time.sleep(0.4)
    sum(number * number for number in range(4_000_000))
recording = observation.report.diagnosis.recording
print(recording.source, observation.report.shares["wait_sleep"] > 0.2, observation.report.shares["cpu_python"] > 0.1)
print(*[known.why for known in recording.capabilities if known.fact == "process_memory"])
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
@pytest.mark.parametrize("dumpable", [1, 0])
def test_without_privileges_it_is_seen_from_outside_or_else_by_an_agent(dumpable):
    """A process that nobody may look into has an agent, without being asked."""
    import psutil

    python = shutil.which("python3", path="/usr/bin:/usr/local/bin")
    version = python and subprocess.run([python, "-V"], capture_output=True, text=True, check=True).stdout.split()[1]
    if not python or not version.startswith(f"3.{sys.version_info[1]}."):
        pytest.skip("no interpreter of this version that everybody may run")
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        os.chmod(folder, 0o755)
        for package in (SOURCE / "iobound", Path(psutil.__file__).parent):
            shutil.copytree(package, Path(folder, package.name), ignore=shutil.ignore_patterns("__pycache__"))
        program = Path(folder, "program.py")
        program.write_text(AS_NOBODY)
        subprocess.run(["chmod", "-R", "a+rX", folder], check=True)
        command = [python, "-I", str(program), folder, str(dumpable)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    seen, why = done.stdout.splitlines()
    assert seen == f"{'linux' if dumpable else 'portable'} True True"
    assert bool(why) is not bool(dumpable)
