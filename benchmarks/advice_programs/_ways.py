"""Runs a program of this folder as it is written, or in another way that it offers.

`program.py` runs it as it is. `--strategy S --workers N` runs it the way S with N workers. `--ways` prints the ways
that are measured, one `strategy:workers` a line.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

WAITING = {"threads": (4, 16), "processes": (8,), "asyncio": (16,)}
COMPUTING = {"threads": (2,), "processes": (2,)}


def pooled(work: Callable, items: Sequence, *kinds: str) -> dict[str, Callable[[int], object]]:
    """Ways that hand `items` to a pool that runs `work`."""

    def threads(workers: int) -> list:
        with ThreadPoolExecutor(workers) as pool:
            return list(pool.map(work, items))

    def processes(workers: int) -> list:
        with ProcessPoolExecutor(workers) as pool:
            return list(pool.map(work, items, chunksize=max(1, len(items) // (8 * workers))))

    ways = {"threads": threads, "processes": processes}
    return {kind: ways[kind] for kind in kinds or ways}


def asked() -> tuple[str, int] | None:
    """Strategy and workers from the command line; None when the program shall run as it is written."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--strategy", default="plain")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--ways", action="store_true")
    options = parser.parse_args()
    if options.ways:
        return "ways", 0
    return None if options.strategy == "plain" else (options.strategy, options.workers)


def run(
    plain: Callable[[], object],
    ways: dict[str, Callable[[int], object]] | None = None,
    workers: dict[str, Sequence[int]] = COMPUTING,
) -> None:
    """Do what the command line asks for.

    Args:
        plain: The program as it is written.
        ways: Other ways by strategy; each takes a number of workers.
        workers: Numbers of workers to measure, by strategy.
    """
    wanted = asked()
    if wanted is None:
        plain()
    elif wanted[0] == "ways":
        for strategy in ways or {}:
            for number in workers.get(strategy, (2,)):
                print(f"{strategy}:{number}")
    elif wanted[0] in (ways or {}):
        ways[wanted[0]](wanted[1])
    else:
        sys.exit(f"this program has no way {wanted[0]!r}")
