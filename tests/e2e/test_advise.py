"""Decorated functions in real programs: right numbers, one report, nothing left behind."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
PROGRAMS = sorted(path.stem for path in (BENCHMARKS / "decorator_programs").glob("*.py"))
TIMES = 1


@pytest.fixture(scope="module")
def stress() -> ModuleType:
    """The command that tries each program many times."""
    spec = importlib.util.spec_from_file_location("decorator_stress", BENCHMARKS / "decorator_stress.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
@pytest.mark.parametrize("program", PROGRAMS)
def test_each_program_is_counted_right_and_leaves_nothing(program: str, stress: ModuleType) -> None:
    """No hang, no wrong count, no other end, no word too many, no folder and no process left."""
    for _ in range(TIMES):
        assert stress.tried(BENCHMARKS / "decorator_programs" / f"{program}.py") == []


CALLS = """
import iobound, time
@iobound.advise
def work(number=0):
    time.sleep(0.001)
    return number
for number in range(5):
    work(number)
"""
NOT_CALLED = """
import iobound, os, sys
@iobound.advise
def work():
    pass
print(sorted(name for name in sys.modules if name.startswith("iobound.")))
print([name for name in os.listdir("/dev/shm") if name.startswith(f"iobound-{os.getpid()}-")])
"""


def test_a_report_once_at_the_end(runner) -> None:
    """On standard error, plain, at eighty columns; the output is the program's own."""
    ran = runner.plain(runner.script(CALLS + "print('mine')\n"))
    assert ran.stdout == b"mine\n"
    assert ran.exit_code == 0
    text = ran.stderr.decode()
    assert text.count("1 function advised") == 1
    assert re.search(r"__main__:work  5 calls, from \S*target.py:8 <module>", text)
    assert "`work.report()`" in text
    assert text.isascii() or "µ" in text
    assert "\x1b" not in text
    assert max(map(len, text.splitlines())) <= 80


def test_nothing_called_nothing_told(runner) -> None:
    """No report, no folder, and nothing is loaded that would be needed for one."""
    ran = runner.plain(runner.script(NOT_CALLED))
    modules, folders = ran.stdout.decode().splitlines()
    assert (ran.stderr, folders) == (b"", "[]")
    assert all(name.startswith("'iobound.decorator") for name in modules.strip("[]").split(", "))


@pytest.mark.parametrize(
    ("ending", "exit_code"),
    [
        ("raise LookupError('gone')", 1),
        ("sys.exit(3)", 3),
        ("sys.exit('words')", 1),
        ("raise KeyboardInterrupt", 130),
        ("threading.Thread(target=lambda: [time.sleep(0.05), work()]).start()", 0),
        ("sys.stderr.close()", 0),
        ("os.close(2)", 0),
        ("sys.stderr = None", 0),
    ],
)
def test_whatever_the_end_the_report_comes_once_and_changes_nothing(runner, ending: str, exit_code: int) -> None:
    """After an exception, an exit code, with a thread that still works, with a closed standard error."""
    script = runner.script(f"import os, sys, threading\n{CALLS}\n{ending}\n")
    plain = runner.plain(script, env=runner.environment(IOBOUND="0"))
    ran = runner.plain(script)
    assert ran.exit_code == plain.exit_code == exit_code
    assert ran.stdout == plain.stdout
    assert plain.stderr in ran.stderr
    is_heard = "stderr" not in ending and "close" not in ending
    assert ran.stderr.count(b"function advised") == is_heard
    assert b"Exception ignored" not in ran.stderr


NO_DESCRIPTORS = "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))"
FORBIDS = """
def forbids(event, arguments):
    if event in ("open", "import", "os.listdir"):
        raise RuntimeError("not here")
sys.addaudithook(forbids)
"""
FORGETS = "[sys.modules.pop(name) for name in list(sys.modules) if name not in ('sys', 'builtins', '__main__')]"
ELSEWHERE = "os.mkdir('root'); os.chroot('root'); os.chdir('/')"


@pytest.mark.parametrize(
    "last",
    ["sys.path.clear()", "sys.setrecursionlimit(60)", NO_DESCRIPTORS, FORBIDS, FORGETS, "os.getpid = None", ELSEWHERE],
)
def test_a_process_that_can_do_nothing_at_its_end_has_one_line_and_leaves_nothing(
    runner, stress: ModuleType, last: str
) -> None:
    """Whatever a program has done to its interpreter: no traceback of ours, its exit code, and no folder."""
    if "chroot" in last and os.geteuid():
        pytest.skip("only root may have another root")
    ran = runner.plain(runner.script(f"import os, sys\nprint(os.getpid(), flush=True)\n{CALLS}\n{last}\n"))
    assert ran.exit_code == 0
    [line] = ran.stderr.decode().splitlines()
    assert line.startswith("iobound: the report is lost: ")
    assert list(stress.left(int(ran.stdout), "no such mark")) == []


@pytest.mark.parametrize("way", ["module", "code", "repl", "pytest"])
def test_however_it_is_started(runner, way: str) -> None:
    """As a module, as code, line by line through a pipe, under pytest."""
    runner.script(CALLS, "shop.py")
    runner.script(CALLS + "def test_it(): work()\n", "test_shop.py")
    python = [sys.executable]
    if way == "module":
        ran = runner.run([*python, "-m", "shop"])
    elif way == "code":
        ran = runner.run([*python, "-c", CALLS])
    elif way == "repl":
        lines = CALLS.replace("    return number\n", "    return number\n\n").replace(
            "work(number)\n", "work(number)\n\n"
        )
        ran = runner.run([*python, "-i"], input=lines.encode())
    else:
        ran = runner.run([*python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_shop.py"])
    assert ran.exit_code == 0
    assert ran.stderr.decode().count("1 function advised") == 1


def test_switched_off_it_is_the_very_function(runner) -> None:
    """Nothing is loaded, nothing is told, and its report says why."""
    script = runner.script(
        "import iobound, sys\ndef plain(): return 1\nmade = iobound.advise(plain)\nassert made is plain\nmade()\n"
        "named = iobound.advise(name='x', report=False)(plain)\nassert named is plain\n"
        "print([name for name in sys.modules if name.startswith('iobound.') and 'decorator' not in name])\n"
        "print(made.report())\n"
        "try: made.report().shares\nexcept Exception as error: print(type(error).__name__, error)\n"
    )
    ran = runner.plain(script, env=runner.environment(IOBOUND="0"))
    off = "observing is off: IOBOUND=0 is in the environment"
    assert ran.stderr == b""
    assert ran.stdout.decode().splitlines() == ["[]", f"iobound: {off}", f"ObservationLost {off}"]


def test_without_a_report_at_the_end(runner) -> None:
    """`report=False` tells nothing at the end, and can be asked."""
    script = runner.script(
        CALLS.replace("@iobound.advise", "@iobound.advise(report=False, name='mine', workers=(3,))").replace(
            "range(5)", "range(30)"
        )
        + "document = work.report().as_dict()\n"
        + "print(document['functions'][0]['name'], {each['workers'] for each in document['predictions']})\n"
    )
    ran = runner.plain(script)
    assert ran.stderr == b""
    assert ran.stdout.decode().split()[0] == "mine"
    assert ran.stdout.decode().split(maxsplit=1)[1].strip() == "{3}"


def test_what_was_said_of_each_function_holds_at_the_end(runner) -> None:
    """One without a report is left out though another has one, in children too; pool sizes are its own."""
    calls = CALLS.replace("@iobound.advise", "@iobound.advise(workers=(3,))").replace("range(5)", "range(30)")
    script = runner.script(
        "import os, iobound\n@iobound.advise(report=False)\ndef quiet(): pass\nquiet()\n" + calls + "quiet()\n"
        "if not os.fork():\n    quiet()\n    raise SystemExit\nos.wait()\n"
    )
    ran = runner.plain(script, env=runner.environment(IOBOUND_REPORT=f"json:{runner.work}/a.json"))
    assert ran.stderr == b""
    (told,) = json.loads((runner.work / "a.json").read_text())["functions"]
    assert told["name"] == "__main__:work"
    assert {each["workers"] for each in told["predictions"]} == {3}
    only_quiet = runner.script("import iobound\n@iobound.advise(report=False)\ndef quiet(): pass\n"
                               "@iobound.advise\ndef told(): pass\nquiet()\n")  # fmt: skip
    assert runner.plain(only_quiet).stderr == b""


def test_not_called_yet_is_said(runner) -> None:
    """With the name, and what to do."""
    script = runner.script("import iobound\n@iobound.advise\ndef work(): pass\nwork.report()\n")
    ran = runner.plain(script)
    assert ran.exit_code == 1
    assert b"__main__:work has not been called yet" in ran.stderr


def test_reports_as_asked_for(runner) -> None:
    """Several formats, each to its file or to standard error."""
    script = runner.script(CALLS)
    wish = f"json:{runner.work}/a.json, text"
    ran = runner.plain(script, env=runner.environment(IOBOUND_REPORT=wish))
    document = json.loads((runner.work / "a.json").read_text())
    assert document["functions"][0]["calls"] == 5
    assert ran.stderr.decode().count("verdict:") == 1
    assert (ran.exit_code, ran.stdout) == (0, b"")


@pytest.mark.parametrize("wish", ["nonsense", "json:/no/such/folder/a.json", "json:"])
def test_a_wrong_wish_is_one_line(runner, wish: str) -> None:
    """At the end, readable, and the exit code is the program's."""
    ran = runner.plain(runner.script(CALLS + "raise SystemExit(7)\n"), env=runner.environment(IOBOUND_REPORT=wish))
    assert ran.exit_code == 7
    lines = ran.stderr.decode().splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("iobound: ")


@pytest.mark.parametrize("wish", ["text:/no/such/folder/a", "nonsense", "json:", "json:/dev/full"])
def test_a_wrong_wish_takes_no_other_with_it(runner, wish: str) -> None:
    """The report before it and the one after it are written; one line says what is missing."""
    wanted = f"json:{runner.work}/a.json,{wish},json:{runner.work}/b.json,text:{runner.work}/c.txt"
    ran = runner.plain(runner.script(CALLS), env=runner.environment(IOBOUND_REPORT=wanted))
    [line] = ran.stderr.decode().splitlines()
    assert line.startswith("iobound: ")
    assert [(runner.work / name).stat().st_size > 0 for name in ("a.json", "b.json", "c.txt")] == [True] * 3


def test_plain_in_a_log_of_ci(runner) -> None:
    """No colour, even where somebody would have it on a terminal."""
    ran = runner.plain(runner.script(CALLS), env=runner.environment(CI="true", GITHUB_ACTIONS="true"))
    assert b"\x1b" not in ran.stderr
    assert b"1 function advised" in ran.stderr


def test_without_a_place_for_files(runner) -> None:
    """The program runs as before; its calls are counted and timed, and what they waited for is unknown."""
    script = runner.script("import iobound.decorator.family as family\nfamily._PLACES = ('/proc', '/proc')\n" + CALLS)
    ran = runner.plain(script, env=runner.environment(TMPDIR="/proc"))
    assert ran.exit_code == 0
    text = ran.stderr.decode()
    assert "5 calls" in text
    assert "the report is lost" not in text
    assert "Traceback" not in text


def test_an_observer_that_was_killed_is_told_of(runner) -> None:
    """What was counted is lost with the rest of the report, and the program is not."""
    script = runner.script(
        "import os, signal, pathlib\n" + CALLS + "time.sleep(0.3)\n"
        "mine = f'iobound-{os.getpid()}-'\n"
        "for entry in pathlib.Path('/proc').iterdir():\n"
        "    if entry.name.isdecimal() and entry.name != str(os.getpid()):\n"
        "        try: line = (entry / 'cmdline').read_text()\n"
        "        except OSError: continue\n"
        "        if mine in line: os.kill(int(entry.name), signal.SIGKILL)\n"
        "work()\nprint(os.getpid())\n"
    )
    ran = runner.plain(script)
    assert ran.exit_code == 0
    assert b"iobound" in ran.stderr
    program = ran.stdout.decode().strip()
    assert program.isdecimal()
    assert not [name for name in os.listdir("/dev/shm") if name.startswith(f"iobound-{program}-")]


def test_pickled_by_what_it_consists_of(runner) -> None:
    """As Dask, joblib and Ray hand functions of the main program to their workers: with cloudpickle."""
    script = runner.script(
        CALLS + "import cloudpickle, subprocess, sys\n"
        "text = cloudpickle.dumps(work)\n"
        "code = 'import sys, pickle; work = pickle.loads(sys.stdin.buffer.read()); print(work(7))'\n"
        "print(subprocess.run([sys.executable, '-c', code], input=text, stdout=-1).stdout.decode())\n"
    )
    ran = runner.plain(script)
    assert ran.stdout.decode().split() == ["7"]


def test_a_forked_child_loads_nothing(runner) -> None:
    """Another thread of the parent may have been loading it, and then the child would wait for ever."""
    script = runner.script(
        "import iobound, os, sys, time\n@iobound.advise\ndef work(): pass\nwork()\n"
        "if not os.fork():\n    before = set(sys.modules)\n    work()\n    time.sleep(0.01)\n    work()\n"
        "    from iobound.decorator.ledger import LEDGER\n    LEDGER.flush()\n"
        "    os.write(1, repr(sorted(set(sys.modules) - before)).encode())\n    os._exit(0)\nos.wait()\n"
    )
    assert runner.plain(script).stdout == b"[]"
