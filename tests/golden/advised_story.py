"""The story of a program with decorated functions of all kinds."""

from __future__ import annotations

from stories import CWD, MS, START, breakdown_of, curve, sequential_io

from iobound.model.breakdown import Site
from iobound.model.calls import Caller, CallSample, FunctionCalls
from iobound.model.diagnosis import Advice, Bound, Diagnosis, FunctionDiagnosis, Verdict
from iobound.model.prediction import Estimate, Strategy
from iobound.model.recording import Place
from iobound.model.source_facts import LoopFact
from iobound.model.state import State, shares_of

CALLERS = (
    Caller(Place(f"{CWD}/download_all.py", "main", 22, 31, 8, 31, 21), 112.0, True),
    Caller(Place(f"{CWD}/shop/retry.py", "Retry.again.<locals>.once", 4, 9, 8, 9, 20), 6.4, False),
    Caller(Place("", "", 0, 0), 1.6, False),
)
DOWNLOAD = FunctionCalls(
    name="__main__:download",
    file=f"{CWD}/download_all.py",
    function="download",
    first_line=11,
    kind="function",
    calls=120,
    nested=0,
    failed=2,
    wall_ns=11_640 * MS,
    cpu_ns=480 * MS,
    busy_ns=11_640 * MS,
    longest_ns=131 * MS,
    first_ns=START,
    last_ns=START + 12_000 * MS,
    most_at_once=1,
    threads=1,
    processes=1,
    samples=tuple(CallSample((80 + number % 37) * MS, 4 * MS) for number in range(120)),
    callers=CALLERS,
)
FETCH = DOWNLOAD._replace(
    name="shop.fetch:Client.fetch",
    file=f"{CWD}/shop/fetch.py",
    function="Client.fetch",
    kind="coroutine",
    calls=40,
    nested=4,
    failed=0,
    wall_ns=3_600 * MS,
    cpu_ns=90 * MS,
    busy_ns=400 * MS,
    most_at_once=12,
    threads=2,
    processes=2,
    steps=160,
    held_ns=200 * MS,
    longest_step_ns=31 * MS,
    samples=(),
    callers=(Caller(Place("/usr/lib/python3.13/asyncio/events.py", "Handle._run", 80, 88, 12, 88, 58), 36.0, True),),
    notes=("calls were lost: KeyboardInterrupt",),
)
ROWS = DOWNLOAD._replace(
    name="__main__:rows",
    function="rows",
    kind="generator",
    calls=1,
    failed=0,
    wall_ns=90 * MS,
    cpu_ns=30 * MS,
    busy_ns=90 * MS,
    longest_ns=90 * MS,
    steps=5001,
    held_ns=31 * MS,
    longest_step_ns=MS,
    samples=(CallSample(90 * MS, 30 * MS),),
    callers=(),
)


def advised() -> Diagnosis:
    """120 downloads in a loop, forty at once on an event loop, and a generator that few would look at."""
    run = sequential_io()
    loop = LoopFact(
        file=f"{CWD}/download_all.py", function="main", line=30, end_line=32, column=4, kind="for", target="url",
        iterable="urls", independent="yes", obstacles=(), source="",
    )  # fmt: skip
    site = run.breakdown.sites[0]._replace(loop=loop, item_ns=tuple(sample.wall_ns for sample in DOWNLOAD.samples))
    return run._replace(
        functions=(
            FunctionDiagnosis(
                DOWNLOAD,
                _breakdown(run, {State.CPU_PYTHON: 480, State.WAIT_NETWORK: 10_920, State.WAIT_DISK: 240}, site),
                Verdict(Bound.IO, State.WAIT_NETWORK, 0.938, 0.92, 0.95, "waiting for the network takes 94 % of it"),
                (
                    Advice(
                        Strategy.THREADS, 16, 0, Estimate(6.9, 6.1, 7.4), "its items are independent",
                        ("run the loop through a pool",), "", (),
                    ),
                ),
                curve(0, Strategy.THREADS, {2: 1.9, 16: 6.9}, "workers", None),
            ),
            FunctionDiagnosis(
                FETCH,
                _breakdown(run, {State.CPU_PYTHON: 10, State.WAIT_NETWORK: 380, State.UNKNOWN: 10}, None),
                Verdict(Bound.IO, State.WAIT_NETWORK, 0.95, 0.9, 1.0, "waiting for the network takes 95 % of it"),
                (
                    Advice(
                        Strategy.SEQUENTIAL, None, None, Estimate(1.0, 1.0, 1.0), "its calls overlap already", (), "",
                        (),
                    ),
                ),
                (),
            ),
            FunctionDiagnosis(
                ROWS,
                _breakdown(run, {State.CPU_PYTHON: 30, State.UNKNOWN: 1, State.IDLE: 59}, None),
                Verdict(
                    Bound.INCONCLUSIVE, State.CPU_PYTHON, 0.33, 0.0, 1.0, "too short to tell",
                    "let it run longer",
                ),
                (),
                (),
            ),
        )
    )  # fmt: skip


def _breakdown(run: Diagnosis, milliseconds: dict[State, int], site: Site | None):
    budget = {state: time * MS for state, time in milliseconds.items()}
    whole = breakdown_of((), budget)
    return whole._replace(
        shares=shares_of(budget),
        sites=(site,) if site else (),
        waits=run.breakdown.waits if site else (),
        totals=run.breakdown.totals,
    )
