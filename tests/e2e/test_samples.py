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
        prints: What it prints, in any order.
    """

    bounds: set[str]
    first: set[str]
    prints: str
    reason: str = ""
    at: str = ""


EXPECTED = {
    "factorials_on_threads": Expected(
        {"cpu", "inconclusive"},
        {"sequential"},
        prints="5! = 120\n8! = 40320\n12! = 479001600\n15! = 1307674368000\n20! = 2432902008176640000",
        reason="start",
    ),
    "factorials_on_processes": Expected(
        {"cpu", "starved"},
        {"sequential", "processes", "fewer_workers", "more_workers"},
        prints="45000! has 630682 bits\n50000! has 708357 bits\n55000! has 786754 bits\n"
        "60000! has 865809 bits\n65000! has 945465 bits",
    ),
    "downloads_on_threads": Expected(
        {"io"},
        {"sequential", "threads"},
        prints="alpha 160460 bytes\nbeta 160400 bytes\ngamma 160460 bytes",
    ),
    "sequential_downloads": Expected(
        {"io"},
        {"threads"},
        prints="24 files, 192696 bytes",
        at="download(url, folder)",
    ),
    "queue_workers": Expected(
        {"cpu", "gil", "io", "lock", "mixed", "starved"},
        {"batch"},
        prints="sum of squares: 1124988750025000",
    ),
    "producer_consumers": Expected(
        {"io"},
        {"more_workers", "threads"},
        prints="48 pages, 385392 bytes",
    ),
    "async_task_queue": Expected(
        {"io"},
        {"more_workers", "asyncio"},
        prints="60 answers, 481740 bytes",
    ),
    "pipeline_of_stages": Expected(
        {"io"},
        {"threads", "more_workers"},
        prints="24 pages counted",
        at="fetch(url)",
    ),
    "pure_python_list": Expected(
        {"cpu"},
        {"processes"},
        prints="230631 takes 443 steps",
        at="longest_of_block(start)",
    ),
    "hash_list": Expected(
        # Its looks at Python code come in a row, so that they count for few: docs/open.md. Its advice must be right.
        {"cpu", "inconclusive"},
        {"native_threads", "threads"},
        prints="40 parts, 40 different",
        at="checksums(part)",
    ),
    "mostly_sleeps": Expected(
        {"sleep"},
        {"sequential"},
        prints="ready after 12 looks",
    ),
    "blocking_crawler": Expected(
        {"io"},
        {"unblock_event_loop"},
        prints="24 pages crawled",
    ),
}


def test_every_sample_is_tested():
    assert {path.stem for path in SAMPLES.glob("[!_]*.py")} == set(EXPECTED)


@pytest.mark.slow
@pytest.mark.parametrize("name", EXPECTED)
def test_a_sample_gets_its_verdict_and_advice(runner, was_disturbed, name):
    expected, script = EXPECTED[name], str(SAMPLES / f"{name}.py")
    observed = runner.observed(script)
    assert (observed.exit_code, observed.stderr) == (0, b"")
    assert sorted(observed.stdout.decode().splitlines()) == sorted(expected.prints.splitlines())
    report = observed.report
    if was_disturbed(report):
        pytest.skip("others had the CPUs: nothing is certain of such a run, and that is what it says")
    assert report["verdict"]["bound"] in expected.bounds, (report["verdict"], report["overhead"])
    first = report["advice"][0]
    if first["strategy"] not in expected.first and report["states"]["wait_cpu"] > 1 / 4:
        # Beside others no gain may be certain; which way would be the best is told all the same.
        assert any(f"the best is {each} with" in first["reason"] for each in expected.first), first
        return
    assert first["strategy"] in expected.first, (report["advice"], report["states"])
    assert expected.reason in first["reason"]
    if expected.at:
        line = report["sites"][first["site"]]["line"]
        assert expected.at in Path(script).read_text().splitlines()[line - 1]
