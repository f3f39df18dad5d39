"""However a program ends, iobound ends in the same way, and still reports."""

import sys

import pytest

IN_BOTH_WAYS = True

BEGIN = "import ctypes, os, signal, sys, time\ntime.sleep(0.1)\n"

ENDINGS = {
    "falls off the end": "pass",
    "sys.exit(0)": "sys.exit(0)",
    "sys.exit(3)": "sys.exit(3)",
    "sys.exit(-1)": "sys.exit(-1)",
    "sys.exit(256)": "sys.exit(256)",
    "sys.exit(None)": "sys.exit(None)",
    "sys.exit with a message": "sys.exit('that is all')",
    "os._exit(3)": "os._exit(3)",
    "os._exit in a thread": "import threading; threading.Thread(target=os._exit, args=(4,)).start(); time.sleep(9)",
    "exception": "{}['missing']",
    "chained exception": (
        "try:\n    1 / 0\nexcept ZeroDivisionError as error:\n    raise RuntimeError('wrapped') from error"
    ),
    "exception group": "raise ExceptionGroup('several', [ValueError(1), TypeError(2)])",
    "exception in a function": "def outer(): inner()\ndef inner(): raise KeyError('deep')\nouter()",
    "exception in an imported module": "import json; json.loads('{')",
    "exception with notes": "error = ValueError('x'); error.add_note('a note'); raise error",
    "recursion error": "def down(): down()\ndown()",
    "exception in a thread": "import threading; t = threading.Thread(target=int, args=('x',)); t.start(); t.join()",
    "exception in atexit": "import atexit; atexit.register(int, 'x')",
    "exception in a destructor": "class A:\n    def __del__(self): raise ValueError('gone')\na = A(); del a",
    "unawaited coroutine": "async def never(): pass\nnever(); import gc; gc.collect()",
    "own excepthook": "sys.excepthook = lambda *a: print('hook', a[1]); raise ValueError(5)",
    "KeyboardInterrupt raised": "raise KeyboardInterrupt",
    "SIGINT to itself": "os.kill(os.getpid(), signal.SIGINT); time.sleep(9)",
    "SIGTERM to itself": "os.kill(os.getpid(), signal.SIGTERM); time.sleep(9)",
    "SIGKILL to itself": "os.kill(os.getpid(), signal.SIGKILL); time.sleep(9)",
    "SIGHUP to itself": "os.kill(os.getpid(), signal.SIGHUP); time.sleep(9)",
    "abort": "os.abort()",
    "segmentation fault": "ctypes.string_at(0)",
    "closed standard output": "sys.stdout.close(); os.close(1)",
    "closed standard error": "os.close(2); raise ValueError('nobody hears')",
    "daemon threads": (
        "import threading\nfor n in range(5):\n"
        "    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n"
        "threading.Thread(target=lambda: [n for n in iter(int, 1)], daemon=True).start()"
    ),
    "exec of true": "os.execv('/bin/true', ['true'])",
    "exec of a shell": "os.execv('/bin/sh', ['sh', '-c', 'sleep 0.2; echo shell; exit 7'])",
    "exec of another Python": (
        "code = 'import sys, time; time.sleep(0.2); print(sys.argv, sys.path)'\n"
        "os.execv(sys.executable, [sys.executable, '-c', code, 'a'])"
    ),
    "exec in a thread": (
        "import threading\nthreading.Thread(target=os.execv, args=('/bin/echo', ['echo', 'x'])).start(); time.sleep(9)"
    ),
    "exec with an empty environment": "os.execve('/usr/bin/env', ['env'], {})",
    "exec of nothing": "os.execv('/no/such/program', ['x'])",
}


@pytest.mark.parametrize("ending", ENDINGS.values(), ids=ENDINGS)
def test_a_program_ends_as_by_python(runner, ending):
    observed = runner.same(runner.script(f"{BEGIN}{ending}\n"))
    assert observed.report["wall_s"] > 0
    assert observed.report["processes"], "nothing of it was seen"


def test_what_was_seen_before_a_kill_is_reported(runner):
    """A second of sleep before SIGKILL is not lost."""
    observed = runner.observed(runner.script("import os, time\ntime.sleep(1.5)\nos.kill(os.getpid(), 9)\n"))
    assert observed.exit_code == 137
    assert observed.report["states"]["wait_sleep"] > 0.6
    assert any(spot["line"] == 2 for spot in observed.report["hotspots"])


def test_what_was_seen_before_an_exec_is_reported(runner):
    observed = runner.observed(runner.script("import os, time\ntime.sleep(1.5)\nos.execv('/bin/true', ['true'])\n"))
    assert observed.exit_code == 0
    assert observed.report["states"]["wait_sleep"] > 0.6


BROKEN_SOURCES = {
    "syntax error": b"def f(:\n    pass\n",
    "indentation error": b"if 1:\nx = 1\n",
    "null byte": b"x = '\0'\n",
    "not UTF-8": b"x = '\xe9'\n",
    "unknown encoding": b"# coding: no-such-thing\nx = 1\n",
    "empty": b"",
}


@pytest.mark.parametrize("source", BROKEN_SOURCES.values(), ids=BROKEN_SOURCES)
def test_a_source_that_python_refuses_is_refused_in_the_same_words(runner, source):
    runner.same(runner.script(source))


@pytest.mark.parametrize(
    "target",
    [
        ["-c", "def f(:"],
        ["-c", "1/0"],
        ["-c", ""],
        ["-m", "json.tool", "--no-such-option"],
        ["-m", "this"],
        ["-m", "no_such_module"],
        ["/dev/null"],
    ],
    ids=" ".join,
)
def test_code_and_modules_end_as_by_python(runner, target):
    runner.same(*target)


def test_the_text_report_follows_what_the_target_wrote_to_standard_error(runner):
    script = runner.script("import sys\nprint('out')\nprint('warned', file=sys.stderr)\n[][1]\n")
    plain = runner.plain(script)
    observed = runner.iobound("run", script)
    assert observed.exit_code == 1
    assert observed.stdout == b"out\n"
    assert observed.stderr.startswith(plain.stderr)
    assert len(observed.stderr) > len(plain.stderr) + 100


def test_python_version_is_that_of_the_interpreter_that_was_called(runner):
    observed = runner.same("-c", "import sys; print(sys.version)")
    assert observed.report["interpreter"]["version"] == ".".join(map(str, sys.version_info[:3]))
