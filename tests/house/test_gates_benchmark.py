"""The benchmark of gates: planted changes are in the source, the backend answers, limits follow their rules."""

from __future__ import annotations

import doctest
import importlib
import sys
from pathlib import Path
from types import ModuleType

import pytest

NAMES = ("gate_runs", "gate_kinds", "gate_judging", "gates", "gate_comparing")


@pytest.fixture
def gates(project: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, ModuleType]:
    monkeypatch.syspath_prepend(str(project / "benchmarks"))
    for name in NAMES:
        monkeypatch.delitem(sys.modules, name, raising=False)
    return {name: importlib.import_module(name) for name in NAMES}


@pytest.mark.parametrize("name", [*NAMES[:3], "gate_comparing"])
def test_examples_hold(gates: dict[str, ModuleType], name: str) -> None:
    """Rules of limits are what their docstrings say."""
    outcome = doctest.testmod(gates[name])
    assert outcome.attempted > 0
    assert outcome.failed == 0


def test_planted_changes_are_programs(gates: dict[str, ModuleType]) -> None:
    """Each differs from the program as it is, and is Python; what is not changed is the same."""
    runs = gates["gate_runs"]
    for program in runs.CHANGES:
        sources = {variant: runs.source_of(program, variant) for variant in runs.variants_of(program)}
        for variant, source in sources.items():
            compile(source, f"{program}.py", "exec")
            assert (source == sources[runs.BASELINE]) == (variant in (runs.BASELINE, runs.UNCHANGED))


def test_a_round_has_every_program_in_every_variant_once(gates: dict[str, ModuleType]) -> None:
    """And the same order each time, so that a measurement can go on where it was left."""
    runs = gates["gate_runs"]
    for number in (0, 1):
        one = runs.round_of(number)
        assert one == runs.round_of(number)
        assert len(one) == len(set(one)) == sum(len(runs.variants_of(program)) for program in runs.CHANGES)
        assert {run.loaded for run in one} == {bool(number)}
    assert runs.round_of(0) != [run._replace(number=0) for run in runs.round_of(1)]


@pytest.mark.parametrize("rounds", [range(40), range(0, 40, 2)])
@pytest.mark.parametrize("size", [1, 3, 5])
def test_trials_of_comparisons_share_no_run(gates: dict[str, ModuleType], rounds: range, size: int) -> None:
    """Each round is on a side of one trial at most, and never on both sides of it."""
    found = list(gates["gate_comparing"].trials(list(rounds), size))
    assert len(found) == len(rounds) // size
    for side in (0, 1):
        used = [number for trial in found for number in trial[side]]
        assert len(set(used)) == len(used) == size * len(found)
    assert all(not set(base) & set(head) for base, head in found)


@pytest.mark.slow
def test_a_round_is_measured_once_and_judged(gates: dict[str, ModuleType], tmp_path: Path) -> None:
    """What is there is not run again; every gate has a row for every program."""
    runs, judging = gates["gate_runs"], gates["gate_judging"]
    assert not runs.measure(tmp_path, 1, at_most_s=0)
    assert runs.measure(tmp_path, 1)
    written = {path: path.stat().st_mtime_ns for path in tmp_path.glob("*.json")}
    assert len(written) == len(runs.round_of(0))
    assert runs.measure(tmp_path, 1)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.glob("*.json")} == written
    rows = judging.judged(tmp_path, 1)
    assert {row.program for row in rows} == set(runs.CHANGES)
    serial = [row for row in rows if row.gate == "findings of a rule, spread" and row.program == "pages"]
    assert [(row.alarms, row.missed["serial"]) for row in serial] == [(0, 0)]
