"""How often `iobound compare` tells a regression of unchanged and of changed programs, in trials that share no run.

    python benchmarks/gates.py runs            # first: makes the runs
    python benchmarks/gate_comparing.py runs   # compares those that are there

Base and head of a trial are runs of different rounds, and each run is in one trial of a row at most, so that trials are
independent of one another. Every other round has a second load beside it: `all` takes rounds that follow one another,
so that both kinds are on either side; `alike` takes those without a load alone.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from gate_runs import BASELINE, CHANGES, ROUNDS, UNCHANGED, Run

from iobound.cli.main import main as iobound

SIZES = (1, 3, 5)
"""Runs on each side of a comparison."""


class Row(NamedTuple):
    """How often something was told of one program in one variant.

    Attributes:
        told: Trials in which a regression was told.
        changed: Trials in which anything was.
        open: Trials in which something that could have a regression was not compared.
    """

    program: str
    rounds: str
    size: int
    variant: str
    trials: int
    told: int
    changed: int
    open: int


def trials(rounds: Sequence[int], size: int) -> Iterator[tuple[Sequence[int], Sequence[int]]]:
    """Rounds of base and of head; none is in two trials on the same side, none on both sides of one.

    Example:
        >>> list(trials([0, 2, 4, 6, 8, 10, 12, 14], 2))
        [([4, 6], [0, 2]), ([8, 10], [4, 6]), ([12, 14], [8, 10]), ([0, 2], [12, 14])]
    """
    later = [*rounds[len(rounds) // 4 :], *rounds[: len(rounds) // 4]]
    for at in range(0, len(rounds) - size + 1, size):
        yield later[at : at + size], rounds[at : at + size]


def rows(folder: Path, rounds: int) -> Iterator[Row]:
    """All of them, program after program."""
    for program, changes in CHANGES.items():
        for name, which in (("all", range(rounds)), ("alike", range(0, rounds, 2))):
            for size in SIZES:
                for variant in (UNCHANGED, *changes):
                    found = [
                        _compared(
                            [Run(program, BASELINE, number).file(folder) for number in base],
                            [Run(program, variant, number).file(folder) for number in head],
                        )
                        for base, head in trials(list(which), size)
                    ]
                    yield Row(
                        program,
                        name,
                        size,
                        variant,
                        len(found),
                        sum(bool(each["regressions"]) for each in found),
                        sum(each["changed"] for each in found),
                        sum(bool(OPEN & set(each["not_compared"])) for each in found),
                    )


OPEN = frozenset({"seconds", "waits", "counts", "loops", "memory", "findings", "ending"})


def _compared(base: Sequence[Path], head: Sequence[Path]) -> dict[str, Any]:
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        code = iobound(["compare", "--base", *map(str, base), "--head", *map(str, head), "--report", "json"])
    if code:
        raise SystemExit(f"iobound compare ended with {code}")
    read: dict[str, Any] = json.loads(output.getvalue())
    return read


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="where gates.py keeps its runs")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    found = []
    for row in rows(given.folder, given.rounds):
        found.append(row)
        print(
            f"{row.program:7}{row.rounds:6} {row.size} v {row.size} {row.variant:10} of {row.trials:2}: "
            f"regression {row.told:2}, changed {row.changed:2}, not all compared {row.open:2}",
            flush=True,
        )
    if given.json:
        given.json.write_text(json.dumps([row._asdict() for row in found], indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
