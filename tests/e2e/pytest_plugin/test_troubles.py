"""Whatever becomes of a session, the plugin does not get in its way, and tells what it has."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., pytest.RunResult]


def left_behind(pid: str) -> list[Path]:
    """Private folders of the observer of a session."""
    return [path for place in ("/dev/shm", "/tmp") for path in Path(place).glob(f"iobound-{pid}-*")]


def test_a_session_without_tests(run: Run, pytester: pytest.Pytester) -> None:
    """Says nothing and keeps its exit status."""
    pytester.makepyfile(test_suite="")
    result = run("--iobound")
    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED
    result.stdout.no_fnmatch_line("*verdict:*")
    result.stdout.no_fnmatch_line("*iobound:*")


def test_the_first_failure_ends_it(run: Run, pytester: pytest.Pytester) -> None:
    """What was run until then is told."""
    pytester.makepyfile(test_suite="import time\ndef test_a(): time.sleep(0.4); assert 0\ndef test_b(): pass")
    for workers in ((), ("-n", "2")):
        result = run("--iobound", "-x", *workers)
        assert result.ret in (pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.INTERRUPTED)
        result.stdout.fnmatch_lines(["verdict:*", "*test_suite.py::test_a sleeps *"])


@pytest.mark.parametrize(
    ("ends", "status"),
    [
        ("raise KeyboardInterrupt", pytest.ExitCode.INTERRUPTED),
        ("pytest.exit('enough')", pytest.ExitCode.INTERRUPTED),
        ("pytest.exit('enough', returncode=7)", 7),
    ],
)
def test_a_session_that_is_ended_early(run: Run, pytester: pytest.Pytester, ends: str, status: int) -> None:
    """Keeps its exit status, and the report has what was seen."""
    pytester.makepyfile(test_suite=f"import pytest, time\ndef test_a(): time.sleep(0.3)\ndef test_b(): {ends}")
    result = run("--iobound-report", "json:suite.json")
    assert result.ret == status
    report = json.loads((pytester.path / "suite.json").read_text(encoding="utf-8"))
    assert "test_suite.py::test_a" in {test["test"] for test in report["tests"]}


def test_a_signal_from_the_keyboard(pytester: pytest.Pytester) -> None:
    """Ctrl-C on the terminal reaches pytest; the observer lets it end as it would."""
    pytester.makepyfile(
        test_suite="""
        import pathlib, time
        def test_a(): time.sleep(0.2)
        def test_b():
            pathlib.Path("begun").touch()
            time.sleep(60)
        """
    )
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--iobound-report", "json:suite.json"]
    process = subprocess.Popen(command, cwd=pytester.path, stdout=subprocess.PIPE, start_new_session=True, text=True)
    begun, deadline = pytester.path / "begun", time.monotonic() + 60
    while not begun.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == pytest.ExitCode.INTERRUPTED
    assert "verdict:" in output
    assert (pytester.path / "suite.json").exists()


def test_a_worker_that_crashes(run: Run, pytester: pytest.Pytester) -> None:
    """pytest-xdist tells the crash and goes on; the rest is told."""
    pytester.makepyfile(
        test_suite="""
        import os, time, pytest
        @pytest.mark.parametrize("i", range(4))
        def test_a(i): time.sleep(0.2)
        def test_crash(): os.kill(os.getpid(), 9)
        """
    )
    result = run("--iobound", "-n", "2")
    text = result.stdout.str()
    assert "crashed while running" in text
    assert "verdict:" in text
    assert "the summary failed" not in text
    result.assert_outcomes(passed=4, failed=1)


def test_children_that_leave_without_a_word(run: Run, pytester: pytest.Pytester) -> None:
    """A forked child that leaves by `os._exit` neither stops the observing nor tells a summary of its own."""
    pytester.makepyfile(
        test_suite="""
        import os, time
        def test_forks():
            pid = os.fork()
            if not pid:
                time.sleep(0.2)
                os._exit(0)
            os.waitpid(pid, 0)
        def test_sleeps(): time.sleep(0.4)
        """
    )
    result = run("--iobound")
    result.assert_outcomes(passed=2)
    assert result.stdout.str().count("verdict:") == 1
    result.stdout.fnmatch_lines(["*test_suite.py::test_sleeps sleeps *"])


def test_a_session_that_leaves_without_a_word(run: Run, pytester: pytest.Pytester) -> None:
    """The observer notices, and nothing stays behind."""
    pytester.makepyfile(
        test_suite="""
        import os, pathlib, time
        def test_it():
            pathlib.Path("pid").write_text(str(os.getpid()))
            time.sleep(0.4)
            os._exit(3)
        """
    )
    assert run("--iobound").ret == 3
    pid = (pytester.path / "pid").read_text()
    deadline = time.monotonic() + 20
    while left_behind(pid) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert left_behind(pid) == []


def test_tests_in_forked_children(run: Run, pytester: pytest.Pytester) -> None:
    """A plugin that forks for each test and carries reports over keeps our notes: the child's thread was looked at."""
    pytester.makeconftest(
        """
        import json, os, pytest
        from _pytest.runner import runtestprotocol

        @pytest.hookimpl(tryfirst=True)
        def pytest_runtest_protocol(item, nextitem):
            config = item.config
            receive, send = os.pipe()
            pid = os.fork()
            if not pid:
                reports = runtestprotocol(item, log=False, nextitem=nextitem)
                data = [config.hook.pytest_report_to_serializable(config=config, report=report) for report in reports]
                os.write(send, json.dumps(data).encode())
                os._exit(0)
            os.close(send)
            os.waitpid(pid, 0)
            for data in json.loads(os.read(receive, 1 << 20)):
                report = config.hook.pytest_report_from_serializable(config=config, data=data)
                item.ihook.pytest_runtest_logreport(report=report)
            return True
        """
    )
    pytester.makepyfile(test_suite="import time\ndef test_sleeps(): time.sleep(0.5)")
    result = run("--iobound")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*test_suite.py::test_sleeps sleeps * at test_suite.py:2"])


@pytest.mark.parametrize("workers", [(), ("-n", "1")], ids=["alone", "xdist"])
def test_tests_that_are_run_again(run: Run, pytester: pytest.Pytester, workers: tuple[str, ...]) -> None:
    """All runs of a test are its time."""
    pytester.makepyfile(
        test_suite="""
        import pathlib, time
        def test_flaky():
            time.sleep(0.2)
            runs = pathlib.Path("runs")
            text = runs.read_text() if runs.exists() else ""
            runs.write_text(text + "x")
            assert len(text) == 2
        """
    )
    result = run("--iobound-report", "json:suite.json", "--reruns", "3", *workers)
    assert result.ret == 0
    (test,) = json.loads((pytester.path / "suite.json").read_text(encoding="utf-8"))["tests"]
    assert test["runs"] == 3
    assert test["states_s"]["wait_sleep"] > 2 * 0.2


def test_without_pytests_terminal(run: Run, pytester: pytest.Pytester) -> None:
    """The report is written all the same, and an expression still fails the run."""
    pytester.makepyfile(test_suite="def test_it(): pass")
    result = run("-p", "no:terminal", "--iobound-report", "json:suite.json", "--iobound-fail-on", "wall_s>0")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert json.loads((pytester.path / "suite.json").read_text(encoding="utf-8"))["schema"] == "iobound.suite/1"


def test_what_cannot_be_known_fails_what_is_asked_for(run: Run, pytester: pytest.Pytester) -> None:
    """A summary that fails changes nothing, unless the suite was to be held against it."""
    pytester.makeconftest(
        "from iobound.pipeline import suite\n"
        "def fails(*_): raise ValueError('a fault of ours')\n"
        "suite.conclude = fails\n"
    )
    pytester.makepyfile(test_suite="def test_it(): pass")
    assert run("--iobound").ret == pytest.ExitCode.OK
    result = run("--iobound-fail-on", "wall_s>1000")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        ["iobound: check failed: wall_s>1000 must not be: not measurable here: there is no report"]
    )


def test_a_test_that_changes_directory(run: Run, pytester: pytest.Pytester) -> None:
    """Reports are written where pytest was called."""
    pytester.makepyfile(test_suite="import os\ndef test_it(): os.chdir('/')")
    run("--iobound-report", "json:suite.json")
    assert (pytester.path / "suite.json").exists()


def test_names_that_would_command_a_terminal(run: Run, pytester: pytest.Pytester) -> None:
    """A parameter with escape sequences and workflow commands is shown, not obeyed."""
    pytester.makepyfile(
        test_suite="""
        import time, pytest
        @pytest.mark.parametrize("i", [0], ids=["\\x1b[31m::error::gotcha\\u202e"])
        def test_it(i): time.sleep(0.4)
        """
    )
    text = run("--iobound").stdout.str()
    summary = text[text.index("verdict:") :]
    assert "sleeps" in summary
    assert "\x1b" not in summary
    assert "\u202e" not in summary


def test_sessions_within_sessions(run: Run, pytester: pytest.Pytester) -> None:
    """A test that runs an observed pytest of its own is a test like others."""
    pytester.makepyfile(
        test_suite="""
        import subprocess, sys
        def test_outer(tmp_path):
            (tmp_path / "test_inner.py").write_text("def test_inner(): pass")
            command = [sys.executable, "-m", "pytest", "--iobound", "-p", "no:cacheprovider", str(tmp_path)]
            done = subprocess.run(command, capture_output=True, text=True)
            assert done.returncode == 0 and done.stdout.count("verdict:") == 1
        """
    )
    for workers in ((), ("-n", "1")):
        result = run("--iobound", "test_suite.py", *workers)
        result.assert_outcomes(passed=1)
        assert result.stdout.str().count("verdict:") == 1
