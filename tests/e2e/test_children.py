"""Children of every kind work as without us, and are seen."""

import json
import re
import sys
import time
from pathlib import Path

import pytest

IN_BOTH_WAYS = True

FORK = """
import os, sys, threading, time, warnings
time.sleep(0.2)
def look(who):
    threads = len(os.listdir("/proc/self/task")) if sys.argv[1:] != ["--portable"] else 0
    names = [thread.name for thread in threading.enumerate()]
    return who, threading.active_count(), names, sys.getprofile(), sys.gettrace(), threads
for number in range(3):
    pid = os.fork()
    if pid == 0:
        child = look("child")
        print(child, flush=True)
        os._exit(number)
    parent = look("parent")
    print(os.waitpid(pid, 0)[1], parent, flush=True)
    time.sleep(0.05)
"""


@pytest.mark.parametrize("python", [[], ["-W", "error"], ["-W", "error", "-X", "dev"]], ids=" ".join)
def test_a_fork_of_a_program_with_one_thread_does_not_begin_to_warn(runner, python):
    script = runner.script(FORK)
    plain, observed = runner.both(script, *runner.options, python=python)
    assert observed.stderr == plain.stderr == b""
    assert observed.stdout == plain.stdout
    assert observed.exit_code == 0
    assert observed.report is not None


def test_warnings_as_errors_by_the_environment_do_not_break_a_fork(runner):
    script = runner.script(FORK)
    env = runner.environment(PYTHONWARNINGS="error")
    plain, observed = runner.both(script, *runner.options, env=env)
    assert observed.stderr == plain.stderr == b""
    assert observed.stdout == plain.stdout
    assert observed.exit_code == 0


@pytest.mark.skipif(sys.version_info < (3, 12), reason="forks warn from Python 3.12 on")
def test_a_fork_of_a_program_with_threads_warns_once_as_before(runner):
    script = runner.script(
        "import os, threading, time\n"
        "threading.Thread(target=time.sleep, args=(0.5,)).start()\n"
        "pid = os.fork()\n"
        "if not pid: os._exit(0)\n"
        "os.waitpid(pid, 0)\n"
    )
    plain, observed = runner.plain(script), runner.observed(script)
    ids = re.compile(rb"pid=\d+")
    assert ids.sub(b"", observed.stderr) == ids.sub(b"", plain.stderr)
    assert observed.stderr.count(b"DeprecationWarning") == 1


PROGRAMS = sorted(Path(__file__).with_name("targets").joinpath("children").glob("*.py"))


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.stem)
def test_children_behave_as_by_python(runner, program):
    runner.same(str(program))


POOL = """
import concurrent.futures, multiprocessing, os, sys, threading, time
def work(number):
    time.sleep(0.05)
    return number * number, threading.active_count(), multiprocessing.current_process().name.split("-")[0]
def main():
    context = multiprocessing.get_context({method!r})
    with context.Pool(2) as pool:
        print(pool.map(work, range(6), chunksize=3))
    with concurrent.futures.ProcessPoolExecutor(2, mp_context=context) as pool:
        print(list(pool.map(work, range(6))))
    queue = context.Queue()
    process = context.Process(target=queue.put, args=("from a process",))
    process.start()
    print(queue.get(), process.join(), process.exitcode)
    failing = context.Process(target=sys.exit, args=(3,))
    failing.start(); failing.join(); print(failing.exitcode)
    print(len(multiprocessing.active_children()))
if __name__ == "__main__":
    main()
"""


@pytest.mark.parametrize("python", [[], ["-W", "error"]], ids=" ".join)
@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_pools_of_every_start_method_work(runner, method, python):
    script = runner.script(POOL.format(method=method))
    plain, observed = runner.both(script, *runner.options, python=python)
    assert observed.stdout == plain.stdout
    assert without_ids(observed.stderr) == without_ids(plain.stderr)
    assert observed.exit_code == plain.exit_code
    assert sum(process["python"] for process in observed.report["processes"]) > 2


def without_ids(text):
    return re.sub(rb"pid=\d+|0x[0-9a-f]+|process \d+|Process-\d+", b"", text)


def test_a_child_may_outlive_the_target(runner):
    """We end when the target ends and leave its children alone, as `python` does."""
    script = runner.script(
        "import os, sys, time\n"
        "if os.fork():\n"
        "    time.sleep(0.2); print('parent ends'); sys.exit(4)\n"
        "null = os.open(os.devnull, os.O_RDWR)\n"
        "for stream in range(3): os.dup2(null, stream)\n"
        "end = time.monotonic() + 40\n"
        "while not os.path.exists('go') and time.monotonic() < end: time.sleep(0.05)\n"
        "open('went' if os.path.exists('go') else 'gave up', 'w').close()\n"
    )
    observed = runner.observed(script)
    assert (observed.exit_code, observed.stdout) == (4, b"parent ends\n")
    assert not (runner.work / "went").exists()
    (runner.work / "go").touch()
    end = time.monotonic() + 20
    while not (runner.work / "went").exists() and time.monotonic() < end:
        time.sleep(0.05)
    assert (runner.work / "went").exists()


def test_all_children_are_in_the_report(runner):
    script = runner.script(
        "import os, subprocess, sys, time\n"
        "sleep = subprocess.Popen(['sleep', '0.8'])\n"
        "python = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(0.8)'])\n"
        "pid = os.fork()\n"
        "if not pid: time.sleep(0.8); os._exit(0)\n"
        "os.waitpid(pid, 0); sleep.wait(); python.wait()\n"
    )
    processes = runner.same(script).report["processes"]
    assert [process["python"] for process in processes].count(True) == 3
    if runner.is_portable:
        return  # then only Python processes are seen, and not who has started them
    assert any("sleep" in process["command"] and not process["python"] for process in processes)
    assert {process["parent"] for process in processes[1:]} == {processes[0]["pid"]}
    assert json.dumps(processes)


def test_a_crowd_of_children_does_not_hold_us_up(runner):
    runner.same(
        runner.script(
            "import subprocess\n"
            "children = [subprocess.Popen(['sleep', '0.3']) for _ in range(60)]\n"
            "print([child.wait() for child in children].count(0))\n"
        )
    )


def test_three_hundred_children_that_end_at_once_are_the_targets_own(runner):
    ran = runner.same(
        runner.script(
            "import os\n"
            "for number in range(300):\n"
            "    if not os.fork(): os._exit(number % 7)\n"
            "print(sum(os.waitstatus_to_exitcode(os.wait()[1]) for _ in range(300)))\n"
        )
    )
    assert ran.stdout == b"897\n"


DAEMON = """
import os, sys, time
if not os.fork():
    os.setsid()
    if not os.fork():
        nothing = os.open(os.devnull, os.O_RDWR)
        for descriptor in range(3): os.dup2(nothing, descriptor)
        end = time.monotonic() + 60
        while not os.path.exists("go on") and time.monotonic() < end: time.sleep(0.05)
        with open("told", "w") as file: file.write(str(os.getpid()))
        os._exit(0)
    os._exit(0)
print(os.wait()[1])
"""


def test_a_daemon_lives_on_when_the_target_has_ended(runner):
    ran = runner.observed(runner.script(DAEMON))
    assert (ran.exit_code, ran.stdout, ran.stderr) == (0, b"0\n", b"")
    assert not (runner.work / "told").exists()
    (runner.work / "go on").touch()
    end = time.monotonic() + 20
    while not (runner.work / "told").exists() and time.monotonic() < end:
        time.sleep(0.05)
    assert (runner.work / "told").exists()


SUB_INTERPRETERS = """
import sys, threading
try:
    import _interpreters as interpreters
    run = interpreters.exec
except ImportError:
    import _xxsubinterpreters as interpreters
    run = interpreters.run_string
def work():
    own = interpreters.create()
    run(own, "import json, time; end = time.time() + 0.3\\nwhile time.time() < end: json.dumps([1] * 99)")
    run(own, "time.sleep(0.1)")
    interpreters.destroy(own)
work()
threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print("done")
"""


def test_sub_interpreters_work(runner):
    """Each may have an allocator and a GIL of its own: objects made of the frames of another crash the process."""
    assert runner.same(runner.script(SUB_INTERPRETERS)).stdout == b"done\n"
