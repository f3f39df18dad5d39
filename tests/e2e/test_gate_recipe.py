"""The recipe of docs/gates.md for a gate on seconds, as it stands there."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

PROGRAM = """
import socket, threading, time

server = socket.create_server(("127.0.0.1", 0))
def serve():
    connection, _ = server.accept()
    time.sleep(0.3)
    connection.sendall(b"done")

threading.Thread(target=serve, daemon=True).start()
client = socket.create_connection(server.getsockname())
print(client.recv(4).decode(), flush=True)
"""


@pytest.fixture
def recipe():
    text = Path(__file__).parents[2].joinpath("docs/gates.md").read_text(encoding="utf-8")
    return re.search(r"```sh\n(for attempt.*?)```", text, re.DOTALL)[1]


@pytest.mark.parametrize(("limit", "runs", "exit_code"), [("30", 1, 0), ("0.001", 5, 1)])
def test_one_of_five_runs_has_to_keep_to_the_limit(runner, recipe, limit, runs, exit_code):
    """The first that does ends it; when none does it fails."""
    runner.script(PROGRAM, "job.py")
    script = recipe.replace("iobound run", f"{sys.executable} -m iobound run").replace("1.44", limit)
    ran = runner.run(["/bin/sh", "-c", script.replace("db.internal:5432", "127.0.0.1:*")])
    assert (ran.exit_code, ran.stdout) == (exit_code, b"done\n" * runs), ran.stderr.decode()


def test_a_target_that_is_not_seen_does_not_pass(runner, recipe):
    """Nothing was waited for it, which is less than any limit."""
    runner.script(PROGRAM, "job.py")
    ran = runner.run(["/bin/sh", "-c", recipe.replace("iobound run", f"{sys.executable} -m iobound run")])
    assert (ran.exit_code, ran.stdout) == (1, b"done\n" * 5)
    assert ran.stderr.count(b"check failed: count(waits") == 5
