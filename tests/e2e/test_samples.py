"""Each sample gets its verdict and its advice, and does what it does without us."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

SAMPLES = Path(__file__).parents[2] / "samples"


@dataclass(frozen=True)
class Expected:
    """What may be said of a sample.

    Attributes:
        bounds: Allowed verdicts.
        first: Allowed strategies of the first advice.
        reason: A word that its reason must hold.
        at: What stands in the line that the first advice must point to, empty where any will do.
        ordered: Whether the output comes in the same order each time.
    """

    bounds: set[str]
    first: set[str]
    reason: str = ""
    at: str = ""
    ordered: bool = True


EXPECTED = {
    "factorials_on_threads": Expected({"cpu", "inconclusive"}, {"sequential"}, reason="start"),
    "factorials_on_processes": Expected(
        {"cpu", "starved"}, {"sequential", "processes", "fewer_workers", "more_workers"}, ordered=False
    ),
    "downloads_on_threads": Expected({"io"}, {"sequential", "threads"}),
    "sequential_downloads": Expected({"io"}, {"threads"}, at="download(url, folder)"),
    "queue_workers": Expected({"cpu", "io", "lock", "mixed"}, {"batch"}),
    "producer_consumers": Expected({"io"}, {"more_workers", "threads"}),
    "async_task_queue": Expected({"io"}, {"more_workers", "asyncio"}),
    "pipeline_of_stages": Expected({"io"}, {"threads", "more_workers"}, at="fetch(url)"),
    "pure_python_list": Expected({"cpu"}, {"processes"}, at="longest_of_block(start)"),
    "hash_list": Expected({"cpu"}, {"native_threads", "threads"}, at="checksums(part)"),
    "mostly_sleeps": Expected({"sleep"}, {"sequential"}),
    "blocking_crawler": Expected({"io"}, {"unblock_event_loop"}),
}


def lines(output: bytes, ordered: bool) -> list[bytes]:
    return output.splitlines() if ordered else sorted(output.splitlines())


def test_every_sample_is_tested():
    assert {path.stem for path in SAMPLES.glob("[!_]*.py")} == set(EXPECTED)


@pytest.mark.slow
@pytest.mark.parametrize("name", EXPECTED)
def test_a_sample_gets_its_verdict_and_advice(runner, name):
    expected, script = EXPECTED[name], str(SAMPLES / f"{name}.py")
    plain, observed = runner.plain(script), runner.observed(script)
    assert (observed.exit_code, observed.stderr) == (0, plain.stderr)
    assert lines(observed.stdout, expected.ordered) == lines(plain.stdout, expected.ordered)
    report = observed.report
    assert report["verdict"]["bound"] in expected.bounds, report["verdict"]
    first = report["advice"][0]
    assert first["strategy"] in expected.first, report["advice"]
    assert expected.reason in first["reason"]
    if expected.at:
        line = report["sites"][first["site"]]["line"]
        assert expected.at in Path(script).read_text().splitlines()[line - 1]
