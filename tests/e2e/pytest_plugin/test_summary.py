"""What the summary and the report say of real suites: shares and order, never seconds."""

from collections.abc import Callable
from typing import Any

import jsonschema
import pytest

from iobound.verbs.report import suite_json

Run = Callable[..., pytest.RunResult]
Report = Callable[..., dict[str, Any]]

SERVER = """
import socket, threading, time, pytest

@pytest.fixture(scope="session")
def server():
    listener = socket.create_server(("127.0.0.1", 0))
    def answer(connection):
        while delay := connection.recv(16):
            time.sleep(float(delay))
            connection.sendall(b"done")
    def serve():
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=answer, args=(connection,), daemon=True).start()
    threading.Thread(target=serve, daemon=True).start()
    return listener.getsockname()

@pytest.fixture
def ask(server):
    def ask(seconds):
        with socket.create_connection(server) as connection:
            connection.sendall(f"{seconds:.4f}".encode())
            assert connection.recv(16) == b"done"
    return ask
"""

SUITE = """
import time, subprocess, threading, pytest

@pytest.fixture(scope="module")
def dear():
    time.sleep(0.4)

def test_first(): pass

def test_waits(ask): ask(0.5)

def test_sleeps(): time.sleep(0.4)

def test_child(): subprocess.run(["sleep", "0.4"], check=True)

def test_computes():
    end = time.thread_time() + 0.4
    while time.thread_time() < end: sum(range(1000))

def test_uses(dear): pass

def test_waits_in_a_thread(ask):
    thread = threading.Thread(target=ask, args=(0.5,), name="asker")
    thread.start()
    thread.join()
"""


def by_name(report: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {test["test"].rpartition("::")[2]: test for test in report["tests"]}


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "xdist"])
def test_each_test_is_told_what_it_waits_for(
    report: Report, pytester: pytest.Pytester, workers: tuple[str, ...]
) -> None:
    """The network with its address, sleep, children, and what another thread waits for; set-ups belong to fixtures."""
    pytester.makeconftest(SERVER)
    pytester.makepyfile(test_suite=SUITE)
    found = report(*workers)
    jsonschema.Draft202012Validator(suite_json.schema()).validate(found)
    tests = by_name(found)
    waits = {name: test["waits"][0] for name, test in tests.items() if test["waits"]}
    assert waits["test_waits"]["state"] == "wait_network"
    assert waits["test_waits"]["target"].startswith("127.0.0.1:")
    assert waits["test_waits"]["file"].endswith("conftest.py")
    assert waits["test_sleeps"]["state"] == "wait_sleep"
    assert waits["test_child"]["state"] == "wait_child"
    assert waits["test_child"]["behind"]["state"] == "wait_sleep"
    assert waits["test_waits_in_a_thread"]["state"] == "wait_lock"
    assert waits["test_waits_in_a_thread"]["behind"]["state"] == "wait_network"
    computes = tests["test_computes"]  # for 0.4 s by its own clock, whatever else the machine does
    assert computes["cpu_s"] >= 0.4
    assert sum(time for state, time in computes["states_s"].items() if state.startswith("cpu_")) >= 0.4
    assert computes["waiting_s"] < computes["cpu_s"] / 2
    assert tests["test_uses"]["states_s"].get("wait_sleep", 0) < tests["test_sleeps"]["states_s"]["wait_sleep"] / 4
    (dear,) = (fixture for fixture in found["fixtures"] if fixture["name"] == "dear")
    assert dear["waits"][0]["state"] == "wait_sleep"
    assert dear["cpu_s"] < dear["wall_s"] / 2
    assert found["xdist"] == bool(workers)
    assert {worker["name"] for worker in found["workers"]} == ({"gw0", "gw1"} if workers else {None})


def test_the_summary_is_plain_and_fits(run: Run, pytester: pytest.Pytester) -> None:
    """Without a terminal: 80 columns, no escape sequences, one test a paragraph."""
    pytester.makeconftest(SERVER)
    pytester.makepyfile(test_suite=SUITE)
    result = run("--iobound")
    text = result.stdout.str()
    summary = text[text.index("verdict:") : text.rindex(" passed")]
    assert "\x1b" not in summary
    assert max(map(len, summary.splitlines()[:-1])) <= 80
    assert "test_suite.py::test_waits waits" in summary
    assert "test_suite.py::test_sleeps sleeps" in summary
    assert "Dearest fixtures" in summary


@pytest.mark.parametrize("workers", [(), ("-n", "1")], ids=["alone", "xdist"])
def test_a_coroutine_test_that_blocks_its_loop_is_told(
    report: Report, pytester: pytest.Pytester, workers: tuple[str, ...]
) -> None:
    """With the line that blocks; a test that awaits is not among them."""
    pytester.makepyfile(
        test_suite="""
        import asyncio, time, pytest

        @pytest.mark.asyncio
        async def test_awaits(): await asyncio.sleep(0.4)

        @pytest.mark.asyncio
        async def test_blocks():
            await asyncio.sleep(0.05)
            time.sleep(0.4)
        """
    )
    tests = by_name(report(*workers))
    assert tests["test_awaits"]["loop_blocks"] == []
    (block,) = tests["test_blocks"]["loop_blocks"]
    assert (block["line"], block["function"], block["state"]) == (9, "test_blocks", "wait_sleep")


def test_coverage_is_measured_as_well(run: Run, pytester: pytest.Pytester) -> None:
    """Both summaries are there, and coverage is what it was."""
    pytester.makepyfile(module="def used(): return 1", test_suite="import module\ndef test_it(): assert module.used()")
    for workers in ((), ("-n", "2")):
        result = run("--iobound", "--cov=module", *workers)
        assert result.ret == 0
        result.stdout.fnmatch_lines(["module.py*100%"])
        result.stdout.fnmatch_lines(["verdict:*"])


def test_junit_reports_do_not_change(run: Run, pytester: pytest.Pytester) -> None:
    """No property, no attribute more."""
    pytester.makepyfile(test_suite="def test_it(): pass")
    shapes = []
    for arguments in ((), ("--iobound",), ("--iobound", "-n", "1")):
        run("--junitxml=out.xml", *arguments)
        text = (pytester.path / "out.xml").read_text(encoding="utf-8")
        shapes.append([part.partition("=")[0] for part in text.split()])
    assert shapes[0] == shapes[1] == shapes[2]


def test_options_can_stand_in_the_ini_file(pytester: pytest.Pytester) -> None:
    """As plugins do it."""
    pytester.makeini("[pytest]\niobound = true\niobound_fail_on =\n    wall_s>0\n    bound=lock\n")
    pytester.makepyfile(test_suite="def test_it(): pass")
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    result.stdout.fnmatch_lines(["verdict:*", "iobound: check failed: wall_s>0 must not be: wall_s is *"])
    assert result.ret == pytest.ExitCode.TESTS_FAILED
