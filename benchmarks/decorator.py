"""What a decorated call costs beyond the call itself, beside other decorators.

    python benchmarks/decorator.py [--rounds 15] [--json FILE]

Every way to decorate a function is called in loops of its own; the loops of all ways take turns, and each is measured
against the plain function beside it in the same round, so that a drift of the machine hits both. The figure is the
median over the rounds of what a call takes more. Where line_profiler is not installed it is left out:

    pip install line_profiler

Limits for iobound: 2.0 µs for a call of a function, 3.0 µs for a step of a coroutine, nothing with IOBOUND=0, and
memory that does not grow with the number of calls.
"""

from __future__ import annotations

import argparse
import functools
import gc
import importlib.util
import json
import os
import platform
import resource
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

CALLS = 20_000
STEPS = 10_000
LIMIT_CALL_US, LIMIT_STEP_US, LIMIT_OFF_US, LIMIT_GROWTH_KIB = 2.0, 3.0, 0.02, 4096


def work(number: int) -> int:
    return number


async def steps(count: int) -> int:
    for _ in range(count):
        await Pause()
    return count


def items(count: int) -> Any:
    yield from range(count)


class Pause:
    """An awaitable that gives way once, to whoever drives the coroutine."""

    def __await__(self) -> Any:
        yield


def empty_wrapper(func: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(func)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return func(*args, **kwargs)

    return wrapper


def empty_coroutine_wrapper(func: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(func)
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        return await func(*args, **kwargs)

    return wrapper


def advised(func: Callable[..., Any]) -> Callable[..., Any]:
    import iobound

    return iobound.advise(report=False)(func)


def switched_off(func: Callable[..., Any]) -> Callable[..., Any]:
    import iobound

    before = os.environ.get("IOBOUND")
    os.environ["IOBOUND"] = "0"
    try:
        return iobound.advise(func)
    finally:
        del os.environ["IOBOUND"]
        if before is not None:
            os.environ["IOBOUND"] = before


def line_profiled(func: Callable[..., Any]) -> Callable[..., Any]:
    from line_profiler import LineProfiler

    return LineProfiler()(func)


def pyinstrumented(func: Callable[..., Any]) -> Callable[..., Any]:
    import pyinstrument

    return pyinstrument.profile(stdout=open(os.devnull, "w"))(func)  # as long as it lives


FUNCTION_WAYS: dict[str, tuple[Callable[[Callable[..., Any]], Callable[..., Any]], int]] = {
    "empty wrapper": (empty_wrapper, CALLS),
    "iobound.advise": (advised, CALLS),
    "iobound.advise, IOBOUND=0": (switched_off, CALLS),
    "line_profiler": (line_profiled, CALLS),
    "pyinstrument.profile": (pyinstrumented, 20),
}
"""Ways to decorate, and how many calls a round has: pyinstrument's starts and ends a session at each."""


def per_call_ns(func: Callable[..., Any], calls: int) -> float:
    began = time.perf_counter_ns()
    for number in range(calls):
        func(number)
    return (time.perf_counter_ns() - began) / calls


def per_step_ns(func: Callable[..., Any], count: int) -> float:
    coroutine = func(count)
    began = time.perf_counter_ns()
    try:
        while True:
            coroutine.send(None)
    except StopIteration:
        return (time.perf_counter_ns() - began) / count


def per_item_ns(func: Callable[..., Any], count: int) -> float:
    began = time.perf_counter_ns()
    for _ in func(count):
        pass
    return (time.perf_counter_ns() - began) / count


def measured(plain: Any, ways: dict[str, tuple[Any, int]], measure: Any, rounds: int) -> dict[str, dict[str, float]]:
    """Median and quartiles of what each way takes more than the plain function, in µs."""
    more: dict[str, list[float]] = {name: [] for name in ways}
    for round_number in range(rounds + 1):
        order = list(ways) if round_number % 2 else list(reversed(ways))
        for name in order:
            func, count = ways[name]
            pair = [lambda: measure(plain, count), lambda: measure(func, count)]  # noqa: B023
            if round_number % 4 < 2:
                base, own = pair[0](), pair[1]()
            else:
                own, base = pair[1](), pair[0]()
            if round_number:  # the first warms up
                more[name].append((own - base) / 1000)
    return {name: _spread(values) for name, values in more.items()}


def _spread(values: list[float]) -> dict[str, float]:
    low, middle, high = statistics.quantiles(values, n=4)
    return {"median": middle, "low": low, "high": high}


def clocks_us(rounds: int) -> float:
    """What the four readings of clocks that each call needs take on this machine."""

    def read() -> float:
        now, cpu = time.monotonic_ns, time.thread_time_ns
        began = time.perf_counter_ns()
        for _ in range(CALLS):
            now(), cpu(), cpu(), now()
        return (time.perf_counter_ns() - began) / CALLS / 1000

    return statistics.median(read() for _ in range(rounds))


def growth_kib(calls: int) -> int:
    """Peak memory that many calls add to what a few have taken."""
    func = advised(work)
    per_call_ns(func, 100_000)
    gc.collect()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    per_call_ns(func, calls)
    return int(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)


def first_call_ms() -> float:
    """What the first call takes more: it starts the observer. In a process of its own, the median of five."""
    import subprocess

    code = (
        "import time, iobound\n@iobound.advise(report=False)\ndef f(): pass\n"
        "t = time.perf_counter(); f(); print(time.perf_counter() - t)"
    )
    runs = [
        subprocess.run([sys.executable, "-c", code], env=alone(), capture_output=True, text=True, check=True)
        for _ in range(5)
    ]
    return statistics.median(float(run.stdout) for run in runs) * 1000


def alone() -> dict[str, str]:
    """The environment of a process that is no member of this one's family: it has an observer of its own."""
    return {name: value for name, value in os.environ.items() if name != "IOBOUND_FAMILY"}


SELDOM = """
import json, os, sys, time
if sys.argv[1] == "plain":
    os.environ["IOBOUND"] = "0"
import iobound
def make(number):
    space = {}
    exec(f"def work{number}(): return 1", space)
    return iobound.advise(report=False)(space[f"work{number}"])
functions = [make(number) for number in range(300)]
functions[0]()
if sys.argv[1] == "child":
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        sys.exit()
began = time.process_time()
for _ in range(60):
    for function in functions:
        function()
    time.sleep(0.005)
print((time.process_time() - began) / 60 / 300 * 1e6, flush=True)
os._exit(0)
"""


def seldom_us(where: str) -> float:
    """CPU time of a call that comes more than a millisecond after the one before, beyond the call: median of five.

    Args:
        where: `head` or `child`: in the process that reports, or in one that leaves its calls to that.
    """
    import subprocess

    def run(how: str) -> float:
        command = [sys.executable, "-c", SELDOM, how]
        return float(subprocess.run(command, env=alone(), capture_output=True, text=True, check=True).stdout)

    return statistics.median(run(where) - run("plain") for _ in range(5))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--calls", type=int, default=10_000_000, help="calls for the memory (default %(default)s)")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    ways = {
        name: (way(work), count)
        for name, (way, count) in FUNCTION_WAYS.items()
        if name != "line_profiler" or importlib.util.find_spec("line_profiler")
    }
    functions = measured(work, ways, per_call_ns, given.rounds)
    coroutines = measured(
        steps,
        {"empty wrapper": (empty_coroutine_wrapper(steps), STEPS), "iobound.advise": (advised(steps), STEPS)},
        per_step_ns,
        given.rounds,
    )
    generators = measured(
        items,
        {"empty wrapper": (empty_wrapper(items), STEPS), "iobound.advise": (advised(items), STEPS)},
        per_item_ns,
        given.rounds,
    )
    clocks = clocks_us(given.rounds)
    first = first_call_ms()
    seldom = {where: seldom_us(where) for where in ("head", "child")}
    growth = growth_kib(given.calls)
    print(
        f"{platform.python_implementation()} {platform.python_version()}, {os.cpu_count()} CPUs, {given.rounds} rounds"
    )
    for title, found in (
        ("a call of a function", functions),
        ("a step of a coroutine", coroutines),
        ("an item of a generator", generators),
    ):
        print(f"\nbeyond {title:24} median µs   quartiles")
        for name, spread in found.items():
            print(f"  {name:29} {spread['median']:9.3f}   {spread['low']:.3f}..{spread['high']:.3f}")
    print(f"\nthe four readings of clocks alone {clocks:.3f} µs; the first call {first:.1f} ms")
    told = ", ".join(f"{cost:.1f} µs of CPU in a {where}" for where, cost in seldom.items())
    print(f"a call more than a millisecond after the one before: {told}")
    print(f"{given.calls:,} calls added {growth} KiB of memory")
    failed = []
    if functions["iobound.advise"]["median"] > LIMIT_CALL_US:
        failed.append(f"a call costs more than {LIMIT_CALL_US} µs")
    if coroutines["iobound.advise"]["median"] > LIMIT_STEP_US:
        failed.append(f"a step costs more than {LIMIT_STEP_US} µs")
    if abs(functions["iobound.advise, IOBOUND=0"]["median"]) > LIMIT_OFF_US:
        failed.append("IOBOUND=0 costs something")
    if growth > LIMIT_GROWTH_KIB:
        failed.append(f"memory grew by more than {LIMIT_GROWTH_KIB} KiB")
    for line in failed:
        print(f"FAILED: {line}")
    if given.json:
        rows = {
            "functions": functions,
            "coroutines": coroutines,
            "generators": generators,
            "clocks_us": clocks,
            "first_call_ms": first,
            "growth_kib": growth,
            "seldom_us": seldom,
        }
        given.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
