"""What a program does to itself while it is observed, and what is done to it: it must not hang, nor lose its report."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from .conftest import interrupt, is_running, observers_of

WHOLE = """
say(**found(observation.report))
"""


def whole(program):
    """What a program says that was observed to the end of its block."""
    assert (program.exit_code, program.errors) == (0, "")
    said = program.last
    assert not [note for note in said["notes"] if "early" in note or "nothing" in note], said["notes"]
    assert said["busy"]
    return said


DOINGS = {
    "changes its working directory": "os.chdir('/'); os.rmdir(own)",
    "removes its temporary directory": "import shutil; shutil.rmtree(os.environ['TMPDIR']); os.environ['TMPDIR'] = '/'",
    "closes all descriptors": "os.closerange(3, 512)",
    "has files on all numbers": "os.closerange(3, 512); files = [os.open('/dev/null', 2) for _ in range(400)]",
    "puts a pipe there that nobody reads": "os.closerange(3, 512); ends = [os.pipe() for _ in range(200)]",
    "replaces functions": """
import select, subprocess
def broken(*_):
    raise RuntimeError("not for you")
for module, names in ((os, "read write open close fstat kill unlink listdir"), (select, "poll select epoll")):
    for name in names.split():
        setattr(module, name, broken)
time.monotonic = time.sleep = time.perf_counter = broken
""",
    "allows itself nothing": """
import resource
for limit in (resource.RLIMIT_NPROC, resource.RLIMIT_FSIZE):
    resource.setrlimit(limit, (0, resource.getrlimit(limit)[1]))
""",
    "ignores the end of children": "import signal; signal.signal(signal.SIGCHLD, signal.SIG_IGN)",
    "blocks all signals": "import signal; signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())",
    "changes its environment": "os.environ.clear(); sys.executable = ''; sys.path.clear(); sys.argv = []",
    "is called otherwise": "import ctypes; ctypes.CDLL(None).prctl(15, b'other', 0, 0, 0)",
    "leaves its session": "os.fork() and os._exit(0) if False else None; os.setpgid(0, 0)",
    "moves its switch interval": "sys.setswitchinterval(1.0)",
    "has no way into it": "import ctypes; ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)",
}


@pytest.mark.parametrize("doing", DOINGS)
def test_what_a_program_does_in_a_block_costs_it_nothing(programs, doing):
    text = f"""
own = os.path.join(os.environ["TMPDIR"], "own"); os.mkdir(own); os.chdir(own)
real = os.write
def say(**facts):
    real(1, (json.dumps(facts) + "\\n").encode())
with iobound.observe() as observation:
    spin(0.2)
    {doing.replace(" ", "_")} = None
    exec({DOINGS[doing]!r})
    spin(0.3)
say(lost=observation._attached.lost, bytes=len(observation._attached._content))
"""
    program = programs.run(text)
    programs.temporary.mkdir(exist_ok=True)
    assert (program.exit_code, program.errors) == (0, "")
    assert program.last["lost"] == "" and program.last["bytes"] > 100


BEFORE = {name: DOINGS[name] for name in DOINGS if name not in ("allows itself nothing", "changes its environment")}


@pytest.mark.parametrize("doing", BEFORE)
def test_what_a_program_did_before_a_block_costs_it_nothing(programs, doing):
    text = f"""
own = os.path.join(os.environ["TMPDIR"], "own"); os.mkdir(own); os.chdir(own)
real = os.write
def say(**facts):
    real(1, (json.dumps(facts) + "\\n").encode())
iobound.observe()  # loads it
exec({DOINGS[doing]!r})
with iobound.observe() as observation:
    spin(0.3)
say(lost=observation._attached.lost, bytes=len(observation._attached._content))
"""
    program = programs.run(text)
    programs.temporary.mkdir(exist_ok=True)
    assert (program.exit_code, program.errors) == (0, "")
    assert program.last["lost"] == "" and program.last["bytes"] > 100


STARTING = "import iobound.verbs.observe.starting as starting; "
NO_PLACE = "import iobound.verbs.observe.folder as folder; folder._PLACES = ('/none', '/none')"
UNOBSERVABLE = {
    "no Python": ("sys.executable = '/bin/true'", "no Python"),
    "an interpreter that is not there": ("sys.executable = '/none/python3'", "no /none/python3"),
    "no name": ("sys.executable = ''", "no Python"),
    "frozen": ("sys.frozen = True", "no Python"),
    "no posix_spawn": ("del os.posix_spawn", "posix_spawn"),
    "no shell": (f"{STARTING} starting._SHELL = '/none/sh'", "/none/sh"),
    "a shell that does nothing": (f"{STARTING} starting._script = lambda *_: b'true'", "shell does not run"),
    "an interpreter that fails": (f"{STARTING} starting.PROGRAM = 'raise SystemExit'", "has ended"),
    "no whole package": (f"{STARTING} starting.PROGRAM = starting.PROGRAM.replace('pipeline.a', 'b')", "has ended"),
    "no place": (f"{NO_PLACE}; os.environ['TMPDIR'] = '/none'", "no directory"),
    "no room": ("import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1000, -1))", "no directory"),
    "no descriptors": (
        "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (len(os.listdir('/proc/self/fd')), 4096))",
        "",
    ),
}


@pytest.mark.parametrize("reason", UNOBSERVABLE)
@pytest.mark.parametrize("portable", [False, True])
def test_a_block_that_cannot_be_observed_runs_and_its_report_says_why(programs, reason, portable):
    doing, why = UNOBSERVABLE[reason]
    text = f"""
with iobound.observe() as warm: pass
str(warm.report); found(warm.report)
spin(0.4)
exec({doing!r})
with iobound.observe(portable={portable}) as observation:
    spin(0.2)
    time.sleep(0.2)
    if "descr" not in {reason!r}: found(observation.report)  # as loading what makes reports needs some
import resource
try: resource.setrlimit(resource.RLIMIT_NOFILE, (1024, 4096))
except Exception: pass
report = observation.report
say(**found(report), text=str(report), **others())
"""
    program = programs.run(text)
    assert (program.exit_code, program.errors) == (0, "")
    last = program.last
    assert last["bound"] == "inconclusive"
    assert 0.2 <= last["cpu_s"] < 0.8 * last["wall_s"]
    assert last["shares"]["unknown"] > 0.2
    text = " ".join(last["text"].split())
    assert "next: nothing was observed: " in text and why in text
    assert (last["threads"], last["children"]) == (1, 0)


def test_where_not_even_an_agent_can_be_started_the_report_says_so(programs):
    """What it writes into would be larger than any file may be."""
    text = """
import resource
with iobound.observe() as warm: pass
str(warm.report), found(warm.report)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
with iobound.observe(portable=True) as observation:
    time.sleep(0.2)
say(**found(observation.report), **others())
"""
    last = programs.run(text).last
    assert last["bound"] == "inconclusive" and "no agent can be started" in last["notes"][0]
    assert (last["threads"], last["children"]) == (1, 0)


def test_an_observer_that_is_killed_costs_the_rest_of_the_recording(programs, until):
    text = """
with iobound.observe() as observation:
    spin(0.2)
    observation.report
    say(observer=observation._attached._beside.pid)
    sys.stdin.readline()
    spin(0.2)
begun = time.monotonic()
say(**found(observation.report), text=str(observation.report))
"""
    process = programs.start(text, stdin=-1)
    observer = until(lambda: observers_of(process.pid))
    process.stdout.peek(1)
    for pid in observers_of(process.pid):
        os.kill(pid, signal.SIGKILL)
    assert observer
    process.stdin.write(b"\n")
    process.stdin.flush()
    last = programs.ended(process).last
    assert "observing ended early: the observer has ended" in last["notes"]
    assert "the observer has ended" in last["text"]


def test_an_observer_that_stands_still_is_not_waited_for(programs, until):
    text = """
with iobound.observe() as observation:
    spin(0.2)
    say(ready=True)
    sys.stdin.readline()
begun = time.monotonic()
say(**found(observation.report))
"""
    process = programs.start(text, stdin=-1)
    until(lambda: observers_of(process.pid))
    process.stdout.peek(1)
    (pid,) = observers_of(process.pid)
    os.kill(pid, signal.SIGSTOP)
    process.stdin.write(b"\n")
    process.stdin.flush()
    last = programs.ended(process).last
    assert [note for note in last["notes"] if "the observer was stopped by somebody" in note]
    assert not is_running(pid)


@pytest.mark.parametrize("way", ["SIGKILL", "SIGSEGV", "_exit", "exec", "abort"])
def test_a_program_that_ends_in_a_block_leaves_nothing(programs, way):
    ends = {
        "_exit": "os._exit(3)",
        "exec": "os.execv(sys.executable, [sys.executable, '-c', 'pass'])",
        "abort": "os.abort()",
    }.get(way, f"os.kill(os.getpid(), {getattr(signal, way, 0)})")
    text = f"""
import resource
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
observation = iobound.observe()
observation.begin()
spin(0.1)
{ends}
"""
    programs.run(text)  # which looks for what is left


@pytest.mark.parametrize("moment", ["start", "Beside.meet", "Beside.answer", "Beside.say"])
def test_a_program_that_is_killed_while_it_begins_leaves_nothing(programs, moment):
    """From when the shell is started on; before, for a fraction of a millisecond, there is an empty folder."""
    text = f"""
import iobound.verbs.observe.beside as beside
from iobound.verbs.observe.beside import Beside
owner = {moment.rpartition(".")[0] or "beside"}
real = owner.{moment.rpartition(".")[2]}
def killed(*arguments):
    real(*arguments)
    os.kill(os.getpid(), 9)
owner.{moment.rpartition(".")[2]} = killed
iobound.observe().begin()
"""
    assert programs.run(text).exit_code == -9


def test_ctrl_c_ends_the_block_and_not_the_observer(programs, until):
    """From a terminal all processes of the foreground have it, and the observer is none of them."""
    text = """
try:
    with iobound.observe() as observation:
        say(ready=True)
        spin(0.3)
        time.sleep(60)
except KeyboardInterrupt as error:
    say(**found(error.iobound_report))
"""
    import pty

    pid, terminal = pty.fork()
    if not pid:
        path = programs.folder / "program.py"
        from .conftest import PREAMBLE, SOURCE

        path.write_text(PREAMBLE + text)
        os.environ["PYTHONPATH"] = str(SOURCE)
        os.execv(sys.executable, [sys.executable, str(path)])
    said = b""
    while b"ready" not in said:
        said += os.read(terminal, 4096)
    time.sleep(0.5)
    os.write(terminal, b"\x03")
    try:
        while True:
            piece = os.read(terminal, 4096)
            said += piece
            if not piece:
                break
    except OSError:
        pass
    os.close(terminal)
    assert os.waitpid(pid, 0)[1] == 0, said.decode()
    assert b'"source": "linux"' in said and b"early" not in said, said.decode()
    assert programs.left(pid) == []


def test_interrupts_at_any_moment_leave_a_process_that_can_be_observed_again(programs):
    text = """
import signal
count = 0
for number in range(40):
    signal.setitimer(signal.ITIMER_REAL, 0.004 * (number + 1))
    signal.signal(signal.SIGALRM, signal.default_int_handler)
    try:
        with iobound.observe() as observation:
            time.sleep(1)
    except KeyboardInterrupt:
        count += 1
    signal.setitimer(signal.ITIMER_REAL, 0)
with iobound.observe() as observation:
    spin(0.3)
say(count=count, **found(observation.report), **others())
"""
    last = programs.run(text).last
    assert last["count"] == 40 and last["busy"]
    assert (last["threads"], last["children"]) == (1, 0)


@pytest.mark.parametrize("option", [["-I"], ["-S"], ["-O"], ["-X", "utf8=0"], ["-X", "frozen_modules=off"], ["-B"]])
def test_options_of_the_interpreter_are_no_harm(programs, option):
    text = "with iobound.observe() as observation:\n    spin(0.3)\n" + WHOLE
    if option[0] in ("-I", "-S"):
        pytest.importorskip("psutil")
        import psutil

        from .conftest import PREAMBLE, SOURCE

        places = [str(SOURCE), str(Path(psutil.__file__).parents[1])]
        text = f"import sys; sys.path[:0] = {places!r}\n{PREAMBLE}\n{text}"
        path = programs.folder / "alone.py"
        path.write_text(text)
        import subprocess

        done = subprocess.run([sys.executable, *option, str(path)], capture_output=True, check=False, timeout=60)
        assert done.returncode == 0 and b'"source": "linux"' in done.stdout, done.stderr
        return
    whole(programs.run(text, *option))


def test_an_interrupt_is_for_the_program(programs, until):
    process = programs.start("with iobound.observe():\n    say(ready=True)\n    time.sleep(60)")
    process.stdout.peek(1)
    interrupt(process)
    ended = programs.ended(process)
    assert ended.exit_code == -signal.SIGINT and "KeyboardInterrupt" in ended.errors


LEAVES_NOTHING = {
    "no path to import from": "sys.path.clear(); sys.path_hooks.clear(); sys.meta_path.clear()",
    "no descriptors": "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))",
}


@pytest.mark.parametrize("doing", LEAVES_NOTHING)
def test_a_result_is_returned_whatever_its_function_has_left_to_make_a_report_with(programs, doing):
    text = f"""
def work():
    spin(0.2)
    exec({LEAVES_NOTHING[doing]!r})
    return 42
result, report = iobound.run(work)
shown = repr(report)
try:
    report.bound
except iobound.errors.ObservationLost as problem:
    why = problem.message
else:
    why = ""
say(result=result, shown=shown, why=why)
"""
    program = programs.run("import iobound.errors\n" + text)
    assert (program.exit_code, program.errors) == (0, "")
    assert program.last["result"] == 42
    assert program.last["why"].startswith("the report cannot be made: ")
    assert program.last["shown"] == f"<iobound.Report: {program.last['why']}>"


def test_a_function_that_could_be_called_returns_its_result_however_little_is_left_of_the_stack(programs):
    text = """
calls = []
def work():
    calls.append(1)
    return 42
def deep(left):
    return deep(left - 1) if left else iobound.run(work)
deep(0)  # loads everything
lost = refused = returned = 0
for left in range(3, 120):
    calls.clear()
    try:
        result, report = deep(sys.getrecursionlimit() - left - 2)
    except RecursionError:
        lost += len(calls)
        refused += 1
    else:
        returned += result == 42
say(lost=lost, refused=refused, returned=returned)
"""
    program = programs.run(text)
    assert (program.exit_code, program.errors) == (0, "")
    assert program.last["lost"] == 0
    assert program.last["returned"] >= 100, program.last


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ("workers=(2.5,)", "TypeError: workers are numbers of at least 1, such as workers=(2, 4), not (2.5,)"),
        ("workers='ab'", "TypeError: workers are numbers of at least 1, such as workers=(2, 4), not 'ab'"),
        ("workers=(0,)", "TypeError: workers are numbers of at least 1, such as workers=(2, 4), not (0,)"),
        ("name=5", "TypeError: name is a text, not 5"),
        ("rate='x'", "TypeError: rate is a number, not 'x'"),
        ("rate=0", "UsageError: rate must be above 0, not 0"),
        ("max_overhead=float('nan')", "UsageError: max_overhead must be above 0, not nan"),
    ],
)
def test_a_wrong_argument_is_told_where_it_is_given(programs, arguments, error):
    program = programs.run(f"iobound.observe({arguments})")
    assert program.exit_code == 1
    assert program.errors.rstrip().endswith(error)
