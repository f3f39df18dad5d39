"""The web applications of the samples, as real servers: each endpoint tells what its requests wait for."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

SAMPLES = Path(__file__).parents[2] / "samples/web"
TIMES = {"prices": 12, "legacy": 20, "checksum": 12}


class Served(NamedTuple):
    """What a server gave: a JSON report and a page for each endpoint, and what it wrote at its end."""

    reports: dict[str, dict[str, Any]]
    pages: dict[str, str]
    answers: dict[str, list[str]]
    exit_code: int
    said: str


@contextmanager
def running(sample: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The server, and its address."""
    with subprocess.Popen(
        [sys.executable, str(SAMPLES / sample)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as server:
        try:
            assert server.stdout is not None
            yield server, server.stdout.readline().strip()
        finally:
            if server.poll() is None:
                server.kill()


def fetched(address: str) -> str:
    with urllib.request.urlopen(address, timeout=60) as answer:
        return answer.read().decode()


def served(sample: str, endpoints: list[str]) -> Served:
    """Send requests, several at once, ask for advice, and end the server as Ctrl-C does."""
    with running(sample) as (server, address), ThreadPoolExecutor(2) as clients:
        answers, reports, pages = {}, {}, {}
        for name in endpoints:
            answers[name] = list(clients.map(fetched, [f"{address}/{name}"] * TIMES[name]))
            reports[name] = json.loads(fetched(f"{address}/advice/{name}?as=json"))
            pages[name] = fetched(f"{address}/advice/{name}")
        server.send_signal(signal.SIGINT)
        _, said = server.communicate(timeout=60)
        return Served(reports, pages, answers, server.returncode, said)


@pytest.fixture(scope="module")
def asgi() -> Served:
    return served("asgi_app.py", ["prices", "legacy", "checksum"])


@pytest.fixture(scope="module")
def wsgi() -> Served:
    return served("wsgi_app.py", ["prices", "checksum"])


@pytest.fixture(params=["asgi", "wsgi"])
def either(request: pytest.FixtureRequest) -> Served:
    found: Served = request.getfixturevalue(request.param)
    return found


def wants_cpu(report: dict[str, Any]) -> float:
    """Share of computing, and of waiting for a CPU or the GIL to compute: the machine may be busy with others."""
    return sum(report["states"][state] for state in ("cpu_python", "cpu_native", "wait_cpu", "wait_gil"))


def test_the_application_answers_as_without_us(either: Served) -> None:
    """Every request has its answer, and the server ends well."""
    assert {name: len(set(answers)) for name, answers in either.answers.items()} == dict.fromkeys(either.answers, 1)
    assert json.loads(either.answers["prices"][0]).keys() == {"apples", "pears", "plums", "figs", "dates"}
    assert either.exit_code == 0


def test_each_endpoint_has_its_own_verdict(either: Served) -> None:
    """The requests of one do not colour another's."""
    assert either.reports["prices"]["verdict"]["bound"] == "io"
    assert wants_cpu(either.reports["checksum"]) > wants_cpu(either.reports["prices"])
    assert either.reports["checksum"]["verdict"]["bound"] not in ("io", "sleep", "lock")
    for name, page in either.pages.items():
        assert f"{TIMES[name]} calls" in page


def test_awaiting_one_after_another_is_advised_against(asgi: Served) -> None:
    """There is room for more at once, in a request and beside it."""
    if asgi.reports["prices"]["states"]["wait_network"] < 0.8:
        pytest.skip("others have the CPUs: the event loop waits for one, and hardly has room for more")
    found = [advice for advice in asgi.reports["prices"]["advice"] if advice["strategy"] == "asyncio"]
    assert any("client.get(" in advice["snippet"] and advice["speed_up"]["high"] > 1 for advice in found)


def test_waiting_in_a_thread_for_each_request_is_told_with_its_line(wsgi: Served) -> None:
    """Where the requests stood while they waited, and for whom."""
    report = wsgi.reports["prices"]
    assert report["hotspots"][0]["function"] == "price"
    assert report["waits"][0]["target"].startswith("127.0.0.1:")


def test_a_blocked_event_loop_is_told_with_its_line(asgi: Served) -> None:
    """Every request of every endpoint waits for it."""
    report = asgi.reports["legacy"]
    assert not any("client.get" in advice["reason"] for advice in report["advice"])  # that is another endpoint's
    [seen] = report["functions"]
    assert seen["held_s"] > 0.9 * seen["wall_s"]
    if seen["looks"] >= 50:  # of 300; where others have all CPUs, it was hardly looked at
        assert [advice["strategy"] for advice in report["advice"]] == ["unblock_event_loop"]  # nothing is awaited
        blocks = [block for loop in report["event_loops"] for block in loop["blocks"]]
        assert "time.sleep" in [block["call"] for block in blocks]
    assert any("time.sleep" in finding["message"] for finding in report["findings"])


def test_the_page_and_the_end_tell_the_same(either: Served) -> None:
    """A developer opens a page, or reads what stands in the terminal when the server has ended."""
    for name, page in either.pages.items():
        assert page.startswith("<!DOCTYPE html>") and f"GET /{name}" in page
        assert f"GET /{name}" in either.said
