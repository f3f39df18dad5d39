"""Targets that pull the rug from under an observer: the program works as before, and there is a report."""

import json
import os
import subprocess
from pathlib import Path

import platform_readers
import pytest

from iobound.verbs.report import FORMATS

IN_BOTH_WAYS = True

PROGRAMS = sorted(Path(__file__).with_name("targets").joinpath("hostile").glob("*.py"))


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.stem)
def test_a_hostile_target_works_as_before(runner, program):
    """The files are made anew for each run, since many of these remove things."""
    found = []
    for run in (runner.plain, runner.observed):
        runner.script("x = 1\n", "shadow_time.py")
        runner.script("raise ImportError('helper')\n", "broken_helper.py")
        ran = run(runner.script(program.read_text()))
        found.append((ran, files_of(runner.work)))
        for name in found[-1][1]:
            (runner.work / name).unlink(missing_ok=True)
    (plain, files_of_plain), (observed, files_of_observed) = found
    assert files_of_observed == files_of_plain
    assert (observed.exit_code, observed.stderr, observed.stdout) == (plain.exit_code, plain.stderr, plain.stdout)
    assert observed.report is not None
    assert observed.report["wall_s"] > 0


def files_of(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


SHADOWS = ["threading", "time", "socket", "json", "random", "mmap", "resource", "_thread", "ctypes", "struct", "signal"]


def test_files_named_as_standard_modules_are_not_taken_by_us(runner):
    """The folder of the script stands first on sys.path: what the agent imports late would be found there."""
    folder = runner.folder / "shadows"
    folder.mkdir()
    for name in SHADOWS:
        (folder / f"{name}.py").write_text("print('imported by mistake'); raise RuntimeError('shadow')\n")
    script = folder / "target.py"
    script.write_text("print(sum(range(10_000_000)))\n")
    observed = runner.same(str(script))
    assert observed.stdout == b"49999995000000\n"


NO_FILES = {"pipe": "pipe", "device": "/dev/ptmx", "directory": "/", "endless device": "/dev/zero"}


@pytest.mark.parametrize("name", NO_FILES.values(), ids=NO_FILES)
def test_a_source_need_not_be_a_file(runner, name):
    """Nobody ever writes into the pipe: who opens it waits for ever."""
    pipe = runner.work / "pipe"
    os.mkfifo(pipe)
    name = str(pipe) if name == "pipe" else name
    text = "import time\ndef work():\n    time.sleep(0.3)\nwork()\n"
    observed = runner.same(runner.script(f"exec(compile({text!r}, {name!r}, 'exec'))\nraise SystemExit(7)\n"))
    assert observed.exit_code == 7


NAMES = {
    "accented": "caf\u00e9.py",
    "not UTF-8": b"caf\xe9\xff.py",
    "line break": "two\nlines.py",
    "escape sequence": "red\x1b[31m.py",
    "looks like an option": "--report.py",
    "spaces and quotes": 'it\'s "a" name.py',
    "markup": "<b>&amp;`x`|y.py",
}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_a_script_may_have_any_name(runner, name):
    script = runner.script("import sys, time\ntime.sleep(0.2)\nprint(ascii(sys.argv))\nraise ValueError('x')\n", name)
    runner.same(script)


def test_a_script_whose_name_is_not_utf8_can_be_reported_in_every_locale(runner):
    script = runner.script("import time\ntime.sleep(0.3)\n", b"caf\xe9.py")
    for extra in ({"LANG": "C.UTF-8"}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}):
        ran = runner.iobound("run", script, env=runner.environment(**extra))
        assert (ran.exit_code, ran.stdout) == (0, b"")
        assert b"sleep" in ran.stderr
        assert b"Traceback" not in ran.stderr


ENCODED = {
    "latin-1": (
        "# -*- coding: latin-1 -*-\n"
        "import time\nname = 'é'\ntime.sleep(0.2)\nprint(ascii(name))\nraise ValueError('é')\n"
    ).encode("latin-1"),
    "utf-8 with a mark": b"\xef\xbb\xbfimport time\ntime.sleep(0.2)\nprint('mark')\n",
    "carriage returns": b"import time\r\ntime.sleep(0.2)\r\nprint('lines')\r\n1/0\r\n",
    "shift-jis": "# coding: shift_jis\nname = 'テスト'\nimport time; time.sleep(0.2)\nprint(len(name))\n1/0\n".encode(
        "shift_jis"
    ),
    "form feeds": b"import time\n\x0c\ntime.sleep(0.2)\n\x0c\nprint(1)\n",
}


@pytest.mark.parametrize("text", ENCODED.values(), ids=ENCODED)
def test_a_source_may_have_any_encoding(runner, text):
    runner.same(runner.script(text))


def in_folder(runner, folder, **extra):
    script = runner.script("import os, time\ntime.sleep(0.3)\nprint('ran')\nraise SystemExit(3)\n")
    ran = runner.iobound("run", script, cwd=folder, env=runner.environment(**extra))
    assert (ran.exit_code, ran.stdout) == (3, b"ran\n"), ran.stderr.decode()
    assert b"Traceback" not in ran.stderr
    return ran


def test_the_working_directory_need_not_be_writable(runner):
    """Nobody can write to /proc, root neither."""
    assert b"sleep" in in_folder(runner, "/proc").stderr


def test_the_working_directory_need_not_exist(runner):
    gone = runner.folder / "gone"
    gone.mkdir()
    command = 'cd "$1" && rmdir "$1" && shift && exec "$@"'
    script = runner.script("import time\ntime.sleep(0.3)\nprint('ran')\n")
    ran = runner.run(["/bin/sh", "-c", command, "sh", str(gone), *runner.observed_command([script])])
    assert (ran.exit_code, ran.stdout, ran.stderr) == (0, b"ran\n", b"")
    assert runner.read_report() is not None


@pytest.mark.parametrize("temporary", ["/proc", "/no/such/folder", "/dev/null"])
def test_the_temporary_folder_need_not_be_usable(runner, temporary):
    assert b"sleep" in in_folder(runner, runner.work, TMPDIR=temporary).stderr


@pytest.fixture(params=["0", "16k", "512k"])
def full_folder(request, tmp_path):
    folder = tmp_path / "tiny"
    folder.mkdir()
    size = request.param if request.param != "0" else "16k"
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        mounted = False
    if not mounted:
        pytest.skip("may not mount a small file system here")
    if request.param == "0":
        fill(folder / "everything")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(path: Path) -> None:
    """Write until the file system is full."""
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY)
    try:
        while os.write(descriptor, bytes(4096)):
            pass
    except OSError:
        pass
    finally:
        os.close(descriptor)


def test_the_temporary_folder_may_be_full(runner, full_folder):
    """Also with a child, whose agent finds no room either."""
    in_folder(runner, runner.work, TMPDIR=str(full_folder))
    script = runner.script(
        "import subprocess, sys, time\n"
        "print(subprocess.run([sys.executable, '-c', 'import time; time.sleep(0.3)']).returncode)\n"
        "sum(range(3_000_000)); time.sleep(0.2)\n"
    )
    runner.same(script, env=runner.environment(TMPDIR=str(full_folder)))


@pytest.mark.parametrize(
    "limit",
    [
        "ulimit -n 16",
        "ulimit -n 64",
        "ulimit -v 1500000",
        "ulimit -f 0",
        "ulimit -s 1024",
        "ulimit -c 0",
        "ulimit -t 20",
        "umask 777",
    ],
)
def test_limits_of_the_shell_do_not_break_a_run(runner, limit):
    """A limit binds our own processes too; the target must not notice."""
    script = runner.script("import time\ntime.sleep(0.3)\nprint(sum(range(1000)))\nraise SystemExit(3)\n")
    ran = runner.run(
        ["/bin/sh", "-c", f'{limit}; exec "$@"', "sh", *runner.plain_command(["-m", "iobound", "run", script])]
    )
    assert (ran.exit_code, ran.stdout) == (3, b"499500\n"), ran.stderr.decode()
    assert b"Traceback" not in ran.stderr


@pytest.mark.parametrize("limit", [24, 64])
def test_all_threads_are_seen_with_few_descriptors(runner, limit):
    """Two for each thread are not to be had."""
    script = runner.script(
        "import threading, time\n"
        "threads = [threading.Thread(target=time.sleep, args=(0.8,)) for _ in range(60)]\n"
        "for thread in threads: thread.start()\n"
        "for thread in threads: thread.join()\n"
    )
    ran = runner.run(["/bin/sh", "-c", f'ulimit -n {limit}; exec "$@"', "sh", *runner.observed_command([script])])
    report = runner.read_report()
    assert (ran.exit_code, ran.stderr) == (0, b"")
    assert report["overhead"]["failed"] == 0
    assert sum(len(process["threads"]) for process in report["processes"]) == 61


def test_nothing_stays_in_shared_memory(runner):
    runner.observed("-c", "import time; time.sleep(0.2)")
    runner.observed("-c", "import os, time; time.sleep(0.2); os.kill(os.getpid(), 9)")
    runner.observed("-c", "import os, time\nif not os.fork(): time.sleep(0.2); os._exit(0)\nos.wait()")
    runner.observed("-c", "import subprocess, sys\nfor _ in range(20): subprocess.run([sys.executable, '-c', 'pass'])")
    assert len(runner.pids) == 4
    assert [path for pid in runner.pids for path in Path("/dev/shm").glob(f"*iobound-{pid}-*")] == []


HOSTILE_NAMES = [
    "\x1b]0;pwned\x07",
    "line\nbreak",
    "\n::error::pwned",
    "%0A::warning::pwned",
    "<script>alert(1)</script>",
    "| a | b |\n# pwned",
    "`pwned`](javascript:alert(1))",
    "[bold red]pwned[/]",
    "]]>",
    "\u202eevil",
    "\udc80",
    "\x9b31m",
    "x" * 5000,
]
HOSTILE_THREADS = f"""
import threading, time
def wait(): time.sleep(0.4)
threads = [threading.Thread(target=wait, name=name) for name in {HOSTILE_NAMES!a}]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""


@pytest.fixture(scope="module")
def hostile_recording(shared_runner):
    script = shared_runner.script(HOSTILE_THREADS, "evil\n::error::\x1b[31m<script>.py")
    saved = shared_runner.folder / "hostile.iob"
    ran = shared_runner.iobound("run", "--save", str(saved), script)
    assert ran.exit_code == 0
    return ran.stderr, saved


def test_hostile_names_reach_no_terminal(hostile_recording):
    text = hostile_recording[0]
    assert b"\x1b" not in text
    assert b"\x07" not in text
    assert b"\x9b" not in text.decode().encode("latin-1", "ignore")
    assert "\u202e" not in text.decode()


FORBIDDEN = ["\x1b", "\x07", "\n::error::pwned", "\n::error::\\x1b", "\n::warning::pwned"]
READERS = {
    "github": platform_readers.annotations,
    "gitlab": platform_readers.code_quality,
    "html": None,
    "json": json.loads,
    "junit": platform_readers.junit,
    "log": None,
    "markdown": None,
    "pyisession": json.loads,
    "sarif": platform_readers.sarif,
    "speedscope": json.loads,
    "text": None,
}


@pytest.mark.parametrize("form", sorted(FORMATS))
def test_hostile_names_reach_no_reader_of_a_report(shared_runner, hostile_recording, form):
    """A format that is new has to say here who reads it."""
    ran = shared_runner.iobound("report", "--report", form, str(hostile_recording[1]))
    assert ran.exit_code == 0, ran.stderr.decode()
    text = ran.stdout.decode()
    assert [trap for trap in FORBIDDEN if trap in "\n" + text] == []
    if READERS[form]:
        READERS[form](text)
    else:
        assert "wait" in text and "\u202e" not in text
        assert form != "html" or "<script" not in text


FAULTS = {
    "none": "",
    "late to look": """
started = launch.start
def start(*how):
    child = started(*how)
    time.sleep(0.5)  # the target ends meanwhile
    return child
launch.start = start""",
    "beginning": "supervisor.Supervisor.__init__ = portable.PortableSupervisor._meet = fails",
    "looking": "supervisor.Supervisor.look = portable.PortableSupervisor.look = fails",
    "last look": "supervisor.Supervisor.before_reaping = fails",
    "ending": "supervisor.Supervisor.finish = portable.PortableSupervisor.finish = fails",
    "loading": "pipeline._LATER = ('no_such_step',)",
    "looking into the source": "pipeline._examine = fails",
    "watching": "run.Timetable.took_look = fails",
    "keeping": """
add = pipeline.store.JournalFile.add
pipeline._MOST_PARTS = 0
def fail_at_the_end(self, part):
    if type(part).__name__ == "Closing":
        fails()
    add(self, part)
pipeline.store.JournalFile.add = fail_at_the_end""",
    "notes": "run._notes = run._inside = fails",
}
WITH_A_FAULT = """
import sys, time
from iobound.pipeline import observed as pipeline
from iobound.cli.main import main
from iobound.verbs.observe import launch, portable, run, supervisor
def fails(*_):
    raise RuntimeError("a fault of ours")
{fault}
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize("fault", FAULTS)
def test_no_fault_of_ours_reaches_the_target_or_its_exit_code(runner, fault):
    """From the moment on that it runs."""
    driver = runner.folder / "with_a_fault.py"
    driver.write_text(WITH_A_FAULT.format(fault=FAULTS[fault]))
    script = runner.script("import time\ntime.sleep(0.3)\nprint('done')\nraise SystemExit(7)\n")
    command = runner.observed_command([script])
    at = command.index("-m")
    ran = runner.run([*command[:at], str(driver), *command[at + 2 :]])
    assert (ran.exit_code, ran.stdout) == (7, b"done\n"), ran.stderr.decode()
    assert b"Traceback" not in ran.stderr
    report = runner.read_report()
    assert report is not None
    if fault != "keeping":
        assert report["exit_code"] == 7
