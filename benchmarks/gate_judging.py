"""Trials of gates: limits from five baseline runs, then an unchanged run and changed ones held against them.

All goes the way that a user's command goes: `iobound report RECORDING --check …`, `iobound compare … --fail-on …`.
"""

from __future__ import annotations

import contextlib
import io
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from gate_kinds import BASELINES, KINDS, RULES, Kind, least_limit, limits_of
from gate_runs import BASELINE, CHANGES, UNCHANGED, Run

from iobound.cli.main import main as iobound

APART = 10
"""Rounds between a trial and the baseline runs that its limits are set from: no gate is set in the same minute."""

CALLEES = {"orders": "order", "pages": "page"}
SIZES = (1, 3, 5)
"""Runs on each side of a comparison."""

REPEATS = (3, 5)
"""Runs of which one has to pass."""

REPEATED = ("wall seconds", "CPU seconds", "seconds of waiting for a target", "voluntary context switches")

RECOMMENDED = "recommended: findings, and one of 5 runs"
OF_EVERY_RUN = ("findings of a rule, spread",)
OF_ONE_RUN = ("seconds of waiting for a target", "voluntary context switches")
"""What docs/gates.md says to use, together: every run has to keep to some limits, one of five to all others at once."""

Alarms = dict[str, bool]
"""Of one run or comparison: by gate, whether it raised one."""


class Row(NamedTuple):
    """How one gate did on one program.

    Attributes:
        alarms: Trials with unchanged runs in which it raised one.
        loaded_alarms: Those of them with a second load beside the run.
        missed: By change, the trials in which it raised none.
    """

    program: str
    gate: str
    trials: int
    alarms: int
    loaded_alarms: int
    missed: Mapping[str, int]
    recommended: bool = False

    def kept(self, least_caught: float, most_alarms: float) -> bool:
        """Whether it raised few enough alarms and missed few enough of every change.

        Example:
            >>> row = Row("orders", "wall seconds", 40, 1, 1, {"waiting": 3})
            >>> row.kept(0.95, 0.025), row.kept(0.9, 0.025)
            (False, True)
        """
        caught = all(self.trials - missed >= least_caught * self.trials for missed in self.missed.values())
        return caught and self.alarms <= most_alarms * self.trials

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {**self._asdict(), "missed": dict(self.missed)}


def judged(folder: Path, rounds: int) -> list[Row]:
    """Rows of all gates, program after program."""
    with tempfile.TemporaryDirectory(prefix="gates-") as place:
        trials = _Trials(folder, rounds, Path(place))
        return [row for program in CHANGES for row in _rows(program, trials)]


def _rows(program: str, trials: _Trials) -> Iterator[Row]:
    found = {
        variant: [trials.alarms(program, variant, number) for number in range(trials.rounds)]
        for variant in (UNCHANGED, *CHANGES[program])
    }
    for gate in found[UNCHANGED][0]:
        unchanged = [alarms[gate] for alarms in found[UNCHANGED]]
        yield Row(
            program,
            gate,
            trials.rounds,
            sum(unchanged),
            sum(unchanged[1::2]),
            {change: sum(not alarms[gate] for alarms in found[change]) for change in CHANGES[program]},
            gate == RECOMMENDED,
        )


class _Trials:
    """Reports of all runs, made anew from their recordings by the code that is judged."""

    def __init__(self, folder: Path, rounds: int, place: Path) -> None:
        self.folder, self.rounds, self.place = folder, rounds, place
        self._report = cache(self._reported)

    def alarms(self, program: str, variant: str, number: int) -> Alarms:
        """What each gate says in one trial."""
        baseline = self._side(program, BASELINE, number + APART, BASELINES)
        run = Run(program, variant, number)
        documents = [self._document(each) for each in baseline]
        alarms = self._checks(run, documents)
        # All beside a load, or none: the second try is no better off than the first.
        runs = [Run(program, variant, (number + 2 * each) % self.rounds) for each in range(max(REPEATS))]
        broken = {kind.name: self._broken(kind, runs, documents) for kind in _REPEATED}
        for repeats in REPEATS:
            alarms |= {f"{name}, one of {repeats} runs": all(each[:repeats]) for name, each in broken.items()}
        for size in SIZES:
            head = self._side(program, variant, number, size)
            alarms[f"compare, {size} against {size}"] = self._compared(baseline[:size], head)
        together = zip(*(broken[name] for name in OF_ONE_RUN), strict=True)
        alarms[RECOMMENDED] = any(alarms[gate] for gate in OF_EVERY_RUN) or all(any(each) for each in together)
        return alarms

    def _document(self, run: Run) -> Mapping[str, Any]:
        read: Mapping[str, Any] = json.loads(self._report(run).read_text(encoding="utf-8"))
        return read

    def _broken(self, kind: Kind, runs: Sequence[Run], baseline: Sequence[Mapping[str, Any]]) -> list[bool]:
        """Which of them does not keep to the limit, by the number that a check looks at."""
        limit = least_limit(kind, [kind.value(report) for report in baseline])
        seen = [kind.value(self._document(run)) for run in runs]
        return [limit is None or value is None or value > limit for value in seen]

    def _side(self, program: str, variant: str, first: int, size: int) -> list[Run]:
        """Runs of rounds that follow one another, so of both kinds of surroundings."""
        return [Run(program, variant, (first + number) % self.rounds) for number in range(size)]

    def _reported(self, run: Run) -> Path:
        """The JSON report of a run."""
        path = run.file(self.place)
        _called(["report", str(run.file(self.folder, "iob")), "--report", f"json:{path}"])
        return path

    def _checks(self, run: Run, baseline: Sequence[Mapping[str, Any]]) -> Alarms:
        """What `--check` says of it. What cannot be measured fails, as it does for a user."""
        alarms, expressions = {}, {}
        for kind in KINDS:
            for rule, limit in limits_of(kind, [kind.value(report) for report in baseline]).items():
                gate = f"{kind.name}, {rule}"
                if limit is None:
                    alarms[gate] = True
                else:
                    expressions[gate] = _expression(kind, limit, run.program, baseline[0])
        words = [word for expression in expressions.values() for word in ("--check", expression)]
        text, _ = _called(["report", str(run.file(self.folder, "iob")), "--report", "json", *words], may_fail=True)
        checks = json.loads(text)["checks"]
        assert len(checks) == len(expressions)
        alarms |= {gate: not check["passed"] for gate, check in zip(expressions, checks, strict=True)}
        return {f"{kind.name}, {rule}": alarms[f"{kind.name}, {rule}"] for kind in KINDS for rule in RULES}

    def _compared(self, base: Sequence[Run], head: Sequence[Run]) -> bool:
        """Whether `compare` finds what is worse."""
        sides = [
            "--base",
            *(str(self._report(run)) for run in base),
            "--head",
            *(str(self._report(run)) for run in head),
        ]
        _, code = _called(["compare", *sides, "--fail-on", "regression"], may_fail=True)
        return code == 1


_REPEATED = [kind for kind in KINDS if kind.name in REPEATED]


def _expression(kind: Kind, limit: float, program: str, report: Mapping[str, Any]) -> str:
    targets = [wait["target"] for wait in report["waits"] if wait["target"].startswith("127.0.0.1:")]
    return kind.check(limit, targets[0], CALLEES[program])


def _called(words: list[str], *, may_fail: bool = False) -> tuple[str, int]:
    """Call the command line in this process; what it wrote, and its exit code."""
    output, errors = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
        code = iobound(words)
    if code > 1 or (code and not may_fail):
        raise SystemExit(f"iobound {' '.join(words)} ended with {code}:\n{errors.getvalue()}")
    return output.getvalue(), code
