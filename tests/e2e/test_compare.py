"""Two real runs of a program: unchanged, with waits three times as long, with six more queries for each item.

What is told depends on how much of the machine others use: on a starved one nothing may be told of one run a side, and
a warning says so. What is measured and compared does not: looks are as dense as they can be, so that there are enough.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """\
import socket, sys, threading, time

DELAY, QUERIES = float(sys.argv[1]), int(sys.argv[2])
listener = socket.create_server(("127.0.0.1", 0))


def serve():
    connection, _ = listener.accept()
    while connection.recv(1):
        time.sleep(DELAY)
        connection.sendall(b"x")


threading.Thread(target=serve, daemon=True).start()
client = socket.create_connection(listener.getsockname())


def query():
    client.sendall(b"q")
    return client.recv(1)


for _ in range(6):
    for _ in range(QUERIES):
        query()
client.close()  # else the server's wait for one more is a long one, of few or of many
time.sleep(0.3)
"""


def iobound(*words, cwd):
    command = [sys.executable, "-m", "iobound", *words]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Recordings and one report in one folder."""
    folder = tmp_path_factory.mktemp("compare")
    Path(folder, "app.py").write_text(PROGRAM)
    changes = {
        "base": ("0.2", "1"),
        "same": ("0.2", "1"),
        "slow": ("0.6", "1"),
        "few": ("0.05", "2"),
        "more": ("0.05", "8"),
    }
    for name, words in changes.items():
        written = ("--save", f"{name}.iob", "--report", f"json:{name}.json")
        done = iobound("run", "--max-overhead", "0.2", *written, "app.py", *words, cwd=folder)
        assert done.returncode == 0, done.stderr
    return folder


def compared(runs, base, head, *options):
    done = iobound("compare", base, head, "--report", "json", *options, cwd=runs)
    return done.returncode, json.loads(done.stdout), done.stderr


@pytest.mark.slow
def test_an_unchanged_program_has_not_changed(runs):
    """A recording against a report, and no gate fires, although everything was compared."""
    code, document, said = compared(runs, "base.iob", "same.json", "--fail-on", "regression")
    assert_all_was_compared(document)
    assert (code, document["regressions"], said) == (0, 0, "")


@pytest.mark.slow
def test_a_run_that_failed_is_not_compared_as_one_that_did_not(runs):
    """However alike they are otherwise: nobody knows that nothing is worse."""
    failing = json.loads(Path(runs, "same.json").read_text()) | {"exit_code": 3}
    Path(runs, "failed.json").write_text(json.dumps(failing))
    code, document, _ = compared(runs, "base.json", "failed.json", "--fail-on", "regression_of_what_is_compared")
    assert document["not_compared"] == {"ending": "exit 0 in base, exit 3 in head"}
    assert (code, document["regressions"], document["regressions_of_what_is_compared"]) == (0, 0, 0)


def network_of(document):
    """The wait for the server."""
    return next(wait for wait in document["waits"] if wait["state"] == "wait_network")


def assert_all_was_compared(document):
    """Nothing is left out, and the wait for the server is judged like the run."""
    assert document["not_compared"] == {}
    network = network_of(document)
    for change in (document["wall_s"], document["cpu_s"], network["count"], network["wall_s"]):
        assert change["why"] is None and change["low"] <= change["measured"] <= change["high"]


def was_starved(document):
    """Whether the comparison warns that it can tell less than usual."""
    return any("got no CPU" in warning for warning in document["warnings"])


@pytest.mark.slow
def test_longer_waits_are_told(runs):
    """Three times as long, for the same target, whose port is another; more than anything else of the run."""
    expression = 'waits["127.0.0.1:\\*"].wall_s.measured > 100%'
    code, document, said = compared(runs, "base.json", "slow.iob", "--fail-on", expression)
    network = network_of(document)
    assert_all_was_compared(document)
    assert (network["target"], network["change"]) == ("127.0.0.1:*", "kept")
    assert code == 1 and "wall_s.measured is" in said
    assert network["wall_s"]["measured"] > document["wall_s"]["measured"] > 0.5
    assert document["states"]["wait_network"]["measured"] > 0
    assert document["hotspots"][0]["function"] == "query" and document["hotspots"][0]["change"] == "kept"
    if not was_starved(document):
        assert document["regressions"] > 0
        assert network["wall_s"]["beyond_noise"] and document["hotspots"][0]["wall_s"]["beyond_noise"]


@pytest.mark.slow
def test_more_queries_for_each_item_are_told(runs):
    """In the number of context switches, which the kernel counts, and of waits where these could be counted.

    36 queries more are 36 switches more, beside those of starting up and of taking turns, which vary with the load.
    """
    _, document, _ = compared(runs, "few.iob", "more.iob")
    switches = document["context_switches"]
    assert switches["after"] - switches["before"] > 18
    assert_all_was_compared(document)
    network = network_of(document)
    count = network["count"]
    assert count["measured"] > 1
    if count["visible"] < 1:  # else too many looks came late
        assert count["beyond_noise"] and count["change"] > 1
        assert any(path.endswith(".count") for path in document["worse"])
    if not was_starved(document):
        assert not network["each_s"]["beyond_noise"]
