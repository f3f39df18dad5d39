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
    time.sleep(1.2)
    connection.sendall(b"done")

threading.Thread(target=serve, daemon=True).start()
client = socket.create_connection(server.getsockname())
print(client.recv(4).decode(), flush=True)
"""


@pytest.fixture
def recipe():
    text = Path(__file__).parents[2].joinpath("docs/gates.md").read_text(encoding="utf-8")
    return re.search(r"```sh\n(for attempt.*?)```", text, re.DOTALL)[1]


def followed(runner, script):
    """What a shell makes of a recipe."""
    return runner.run(["/bin/sh", "-c", script.replace("    iobound ", f"    {sys.executable} -m iobound ")])


def runs_of(ran):
    """How often the program ran to its end; the report is on the same stream."""
    return ran.stdout.splitlines().count(b"done")


@pytest.mark.parametrize(("limit", "runs", "exit_code"), [("30", 1, 0), ("0.001", 5, 1)])
def test_one_of_five_runs_has_to_keep_to_the_limit(runner, recipe, limit, runs, exit_code):
    """The first that does ends it; when none does it fails."""
    runner.script(PROGRAM, "job.py")
    ran = followed(runner, recipe.replace("1.44", limit).replace("db.internal:5432", "127.0.0.1:*"))
    assert (ran.exit_code, runs_of(ran)) == (exit_code, runs), ran.stderr.decode()


def test_a_target_that_is_not_seen_does_not_pass(runner, recipe):
    """Nothing was waited for it, which is less than any limit."""
    runner.script(PROGRAM, "job.py")
    ran = followed(runner, recipe)
    assert (ran.exit_code, runs_of(ran)) == (1, 5)
    assert ran.stderr.count(b"check failed: count(waits") == 5


def test_a_program_that_fails_is_not_run_until_it_succeeds(runner, recipe):
    """Its exit code is that of the recipe, whatever it waited for until then."""
    runner.script(PROGRAM + "raise SystemExit(3)\n", "job.py")
    ran = followed(runner, recipe.replace("1.44", "30").replace("db.internal:5432", "127.0.0.1:*"))
    assert (ran.exit_code, ran.stdout) == (3, b"done\n"), ran.stderr.decode()
