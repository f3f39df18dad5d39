"""A program that is observed finds everything where it would find it without us."""

import json
import os
import re
import shutil
import sys
from pathlib import Path

import pytest

IN_BOTH_WAYS = True

FACTS = re.findall(r'^    "(\w+)":', Path(__file__).with_name("targets").joinpath("probe.py").read_text(), re.MULTILINE)


AGENTS_MARKS = ("tasks", "modules", "switch_interval", "environment", "first_environment")
"""Facts by which a target can tell that there is an agent in it: see docs/observing.md."""


def marks(runner):
    """Facts that are looked at in a test of their own."""
    return AGENTS_MARKS if runner.is_portable else ()


def seen_by_both(runner, *target, **how):
    """What the probe prints, by `python` and by `iobound run`."""
    plain, observed = runner.both(*target, **how)
    assert plain.exit_code == 0, plain.stderr.decode()
    assert observed.exit_code == 0, observed.stderr.decode()
    return json.loads(plain.stdout), json.loads(observed.stdout)


def assert_same_but_for(plain, observed, *others):
    """Facts that have a test of their own are left out, so that one fault is one failure."""
    different = {fact: (plain[fact], observed[fact]) for fact in plain if observed[fact] != plain[fact]}
    assert {fact: pair for fact, pair in different.items() if fact not in others} == {}


@pytest.fixture(scope="module")
def probed(shared_runner, targets):
    return seen_by_both(shared_runner, str(targets / "probe.py"), "one", "--two", "-3", "--report", "json")


@pytest.mark.parametrize("fact", FACTS)
def test_a_script_sees_what_it_would_see_without_us(shared_runner, probed, fact):
    plain, observed = probed
    if fact not in marks(shared_runner):
        assert observed[fact] == plain[fact]


def test_an_agent_adds_what_is_documented_and_nothing_else(shared_runner, probed):
    plain, observed = probed
    added = {fact: set(observed[fact]) - set(plain[fact]) for fact in ("modules", "environment")}
    if not shared_runner.is_portable:
        assert added == {"modules": set(), "environment": set()}
        return
    assert added["modules"] <= {"__future__", "encodings.unicode_escape", "mmap", "time", "_xxsubinterpreters"}
    assert added["environment"] <= {"IOBOUND_AGENT", "PYTHONPATH"}
    assert set(plain["modules"]) <= set(observed["modules"])
    changed = {name for name, value in plain["environment"].items() if observed["environment"][name] != value}
    assert changed <= {"PYTHONPATH"}
    assert observed["tasks"] == plain["tasks"] + 1


PROBES = {
    "relative script": ["probe.py", "--workers", "x"],
    "script in a folder": ["folder/probe.py"],
    "script after options that look like ours": ["probe.py", "--save", "x", "-c", "y", "-m", "z", "--"],
    "module": ["-m", "probe", "--timeout"],
    "module in a package": ["-m", "package.probe", "-c", "x"],
    "package with __main__": ["-m", "package"],
    "folder with __main__": ["folder_as_program", "-m"],
    "zip with __main__": ["program.pyz", "a"],
    "code": ["-c", "import probe", "-m", "--report"],
}


@pytest.fixture(scope="module")
def probe_folder(shared_runner, targets):
    work, text = shared_runner.work, (targets / "probe.py").read_text()
    for name in (
        "probe.py",
        "folder/probe.py",
        "package/__init__.py",
        "package/probe.py",
        "package/__main__.py",
        "folder_as_program/__main__.py",
    ):
        path = work / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("" if name.endswith("__init__.py") else text)
    shutil.make_archive(str(work / "program"), "zip", work / "folder_as_program")
    (work / "program.zip").rename(work / "program.pyz")
    return shared_runner


@pytest.mark.parametrize("target", PROBES.values(), ids=PROBES)
def test_every_way_to_name_a_target_gives_what_python_gives(probe_folder, target):
    plain, observed = seen_by_both(probe_folder, *target)
    assert_same_but_for(plain, observed, "open_files", *marks(probe_folder))


PYTHON_OPTIONS = [["-O"], ["-W", "error"], ["-B"], ["-X", "utf8=0"], ["-u"], ["-X", "dev"], ["-bb"]]


@pytest.mark.parametrize("options", PYTHON_OPTIONS, ids=" ".join)
def test_options_of_the_interpreter_reach_the_target(probe_folder, options):
    plain, observed = seen_by_both(probe_folder, "probe.py", python=options)
    assert_same_but_for(plain, observed, "open_files", "orig_argv", *marks(probe_folder))


ENVIRONMENTS = {
    "safe path": {"PYTHONSAFEPATH": "1"},
    "warnings are errors": {"PYTHONWARNINGS": "error"},
    "no bytecode": {"PYTHONDONTWRITEBYTECODE": "1"},
    "unbuffered": {"PYTHONUNBUFFERED": "1"},
    "optimised": {"PYTHONOPTIMIZE": "2"},
    "plain C locale": {"LANG": "C", "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
    "ASCII streams": {"PYTHONIOENCODING": "ascii:strict"},
    "folders on PYTHONPATH": {"PYTHONPATH": "/nowhere/a:relative:/nowhere/b"},
    "empty parts on PYTHONPATH": {"PYTHONPATH": ":/nowhere/a:"},
}


@pytest.mark.parametrize("extra", ENVIRONMENTS.values(), ids=ENVIRONMENTS)
def test_settings_in_the_environment_mean_what_they_mean(probe_folder, extra):
    plain, observed = seen_by_both(probe_folder, "probe.py", env=probe_folder.environment(**extra))
    assert_same_but_for(plain, observed, "open_files", *marks(probe_folder))


def test_nothing_of_ours_is_in_the_target(probe_folder):
    """Neither in its memory's maps and environment nor among its threads, files and modules, at whatever moment."""
    if probe_folder.is_portable:
        pytest.skip("an agent is there")
    code = (
        "import os, sys, time, threading\n"
        "found = set()\n"
        "end = time.monotonic() + 0.5\n"
        "while time.monotonic() < end:\n"
        "    found |= {name for name in sys.modules if 'iobound' in name} | set(os.listdir('/proc/self/task'))\n"
        "    found |= {entry for entry in sys.path + list(sys.path_importer_cache) if 'bootstrap' in entry}\n"
        "    found |= {name for name in os.environ if 'IOBOUND' in name or name == 'PYTHONPATH'}\n"
        "    found |= {os.readlink(f'/proc/self/fd/{n}') for n in os.listdir('/proc/self/fd') if int(n) > 3}\n"
        "    found |= {line.split()[-1] for line in open('/proc/self/maps') if 'iobound' in line}\n"
        "    found.add(sys.getswitchinterval())\n"
        "print(sorted(map(str, found - {str(os.getpid())})))\n"
    )
    env = {name: value for name, value in probe_folder.environment().items() if name != "PYTHONPATH"}
    plain, observed = probe_folder.both("-c", code, env=env)
    assert (observed.stdout, observed.stderr) == (plain.stdout, plain.stderr)


SITECUSTOMIZE = """
import os, sys
sys.iobound_test_runs = getattr(sys, "iobound_test_runs", 0) + 1
with open(os.environ["CUSTOMIZED"], "a") as file:
    print("ran", file=file)
sys.path.append("/added/by/sitecustomize")
"""


@pytest.fixture
def customized(runner):
    folder = runner.folder / "customized"
    folder.mkdir()
    runner.log = runner.folder / "log"
    runner.env = runner.environment(PYTHONPATH=str(folder), CUSTOMIZED=str(runner.log))
    runner.customize = folder / "sitecustomize.py"
    return runner


def test_an_existing_sitecustomize_runs_exactly_once(customized):
    customized.customize.write_text(SITECUSTOMIZE)
    code = (
        "import sys, sitecustomize; print(sys.iobound_test_runs, sys.path, sitecustomize.__file__,"
        " sitecustomize.__spec__.origin, sorted(vars(sitecustomize)))"
    )
    customized.plain("-c", code, env=customized.env)
    times_plain = len(customized.log.read_text().splitlines())
    customized.log.unlink()
    customized.same("-c", code, env=customized.env)
    # One run by plain python in `same`; iobound's own interpreter runs it too, as any other Python program does.
    assert times_plain == 1
    assert len(customized.log.read_text().splitlines()) == 3


@pytest.mark.parametrize(
    "text",
    # One that exits is told apart by a line of ours in the interpreter's own traceback: see docs/observing.md.
    ["raise ValueError('broken')", "import no_such_module", "exec('def broken(:')"],
    ids=["raises", "imports nothing", "syntax"],
)
def test_a_broken_sitecustomize_is_broken_as_before(customized, text):
    """Our own interpreter must start all the same, so the file does harm to the target's only."""
    customized.customize.write_text(f"import sys\nif 'target.py' in sys.orig_argv[1]:\n    {text}")
    script = customized.script("print('target ran')")
    plain = customized.plain(script, env=customized.env)
    observed = customized.observed(script, env=customized.env)
    assert (observed.stdout, observed.exit_code) == (plain.stdout, plain.exit_code)
    assert without_places(observed.stderr) == without_places(plain.stderr)


def without_places(errors):
    """Where the interpreter itself was: it prints that when it cannot start."""
    return re.sub(rb"(?m)0x[0-9a-f]+|^  .*\n", b"", errors)


def test_a_usercustomize_still_runs(runner):
    home = runner.folder / "home"
    env = runner.environment(HOME=str(home), PYTHONUSERBASE=str(home / "base"))
    where = runner.plain("-m", "site", "--user-site", env=env).stdout.decode().strip()
    Path(where).mkdir(parents=True)
    Path(where, "usercustomize.py").write_text("import sys; sys.stderr.write('hello from usercustomize\\n')")
    code = "import sys; print('usercustomize' in sys.modules)"
    plain, observed = runner.plain("-c", code, env=env), runner.observed("-c", code, env=env)
    assert observed.stdout == plain.stdout
    assert set(observed.stderr.splitlines()) == set(plain.stderr.splitlines())


def test_no_file_is_left_behind(runner):
    script = runner.script("import helper\nprint(helper.__file__)")
    runner.script("", "helper.py")
    runner.plain(script)
    after_plain = sorted(os.listdir(runner.work))
    runner.observed(script)
    assert sorted(os.listdir(runner.work)) == after_plain
    assert os.listdir(runner.temporary) == []


def test_the_private_folder_is_gone_after_a_kill_too(runner):
    ran = runner.observed("-c", "import os, time; time.sleep(0.2); os.kill(os.getpid(), 9)")
    assert ran.exit_code == 137
    assert os.listdir(runner.temporary) == []


def test_inherited_descriptors_stay_open(runner):
    """Job servers and socket activation hand descriptors down."""
    for run in (runner.plain, runner.observed):
        reader, writer = os.pipe()
        os.write(writer, b"token")
        os.close(writer)
        ran = run("-c", "import os, sys; print(os.read(int(sys.argv[1]), 10))", str(reader), pass_fds=(reader,))
        os.close(reader)
        assert ran.stdout == b"b'token'\n", ran.stderr


def test_atexit_functions_run_in_their_order_and_before_us(runner):
    runner.same(
        runner.script(
            "import atexit, threading, time, weakref\n"
            "class Thing: pass\n"
            "thing = Thing()\n"
            "weakref.finalize(thing, print, 'finalizer')\n"
            "for number in range(5):\n"
            "    atexit.register(lambda n=number: print(n, threading.active_count(), threading.enumerate()[0].name))\n"
            "late = threading.Thread(target=lambda: (time.sleep(0.2), print('late thread')))\n"
            "late.start()\n"
            "print('end of script')\n"
        )
    )


@pytest.mark.parametrize("threads", [0, 3])
def test_a_switch_interval_that_the_target_chose_is_kept(runner, threads):
    if runner.is_portable and not threads:
        pytest.skip("an agent beside a single thread asks for the GIL sooner")
    runner.same(
        runner.script(
            "import sys, threading, time\n"
            "sys.setswitchinterval(0.02)\n"
            "done = threading.Event()\n"
            f"threads = [threading.Thread(target=done.wait) for _ in range({threads})]\n"
            "for thread in threads: thread.start()\n"
            "time.sleep(0.3)\n"
            "print(round(sys.getswitchinterval(), 6))\n"
            "done.set()\n"
        )
    )


def test_tracing_and_profiling_belong_to_the_target(runner):
    runner.same(
        runner.script(
            "import sys, threading\n"
            "seen = []\n"
            "def profile(frame, event, argument):\n"
            "    seen.append((frame.f_code.co_name, event))\n"
            "def work(n): return n and work(n - 1)\n"
            "threading.setprofile(profile); sys.setprofile(profile)\n"
            "work(3)\n"
            "thread = threading.Thread(target=work, args=(3,)); thread.start(); thread.join()\n"
            "sys.setprofile(None)\n"
            "print([entry for entry in seen if entry[0] == 'work'])\n"
        )
    )


@pytest.mark.skipif(sys.version_info < (3, 12), reason="sys.monitoring came with Python 3.12")
def test_monitoring_tools_are_all_free(runner):
    runner.same("-c", "import sys; print([sys.monitoring.get_tool(number) for number in range(6)])")
