"""Two real runs of a program, unchanged and with half as much waiting again and one more query for each item."""

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


for _ in range(10):
    for _ in range(QUERIES):
        query()
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
    for name, words in {
        "base": ("0.12", "1"),
        "same": ("0.12", "1"),
        "slow": ("0.24", "1"),
        "more": ("0.12", "2"),
    }.items():
        done = iobound("run", "--save", f"{name}.iob", "--report", f"json:{name}.json", "app.py", *words, cwd=folder)
        assert done.returncode == 0, done.stderr
    return folder


def compared(runs, base, head, *options):
    done = iobound("compare", base, head, "--report", "json", *options, cwd=runs)
    return done.returncode, json.loads(done.stdout), done.stderr


@pytest.mark.slow
def test_an_unchanged_program_has_not_changed(runs):
    """A recording against a report, and no gate fires."""
    code, document, said = compared(runs, "base.iob", "same.json", "--fail-on", "regression")
    assert (code, document["regressions"], said) == (0, 0, "")


@pytest.mark.slow
def test_longer_waits_are_told(runs):
    """Twice as long each, as many, for the same target, whose port is another."""
    code, document, said = compared(
        runs,
        "base.json",
        "slow.iob",
        "--fail-on",
        'waits["127.0.0.1:\\*"].wall_s.change > 20%',
        "--fail-on",
        "regression",
    )
    network = next(wait for wait in document["waits"] if wait["state"] == "wait_network")
    assert (code, network["target"], network["change"]) == (1, "127.0.0.1:*", "kept")
    assert network["wall_s"]["beyond_noise"] and network["wall_s"]["change"] > 0.5
    assert not network["count"]["beyond_noise"]
    assert document["regressions"] > 0 and "must not be: regressions > 0" in said
    hottest = document["hotspots"][0]
    assert hottest["function"] == "query" and hottest["wall_s"]["beyond_noise"]


@pytest.mark.slow
def test_one_more_query_for_each_item_is_told(runs):
    """In the number of waits and of context switches, each wait being as long as before."""
    _, document, _ = compared(runs, "base.iob", "more.iob")
    network = next(wait for wait in document["waits"] if wait["state"] == "wait_network")
    assert network["count"]["beyond_noise"] and network["count"]["change"] > 0.5
    assert not network["each_s"]["beyond_noise"]
    assert any(path.endswith(".count") for path in document["worse"])
