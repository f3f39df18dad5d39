"""How the benchmark of the scanner measures and judges."""

import doctest
import importlib
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture
def load(project: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(str(project / "benchmarks"))
    return importlib.import_module


@pytest.fixture
def bench(load) -> ModuleType:
    return load("scan")


def cost_s(costs: ModuleType, cpu_s: float, wall_s: float = 1.0, others: float = 0.0):
    return costs.Cost(cpu_s, wall_s, 50_000_000, others, b"")


def test_examples_of_the_corpus_hold(load) -> None:
    """Lines are counted and parts are taken as the docstrings say."""
    outcome = doctest.testmod(load("scan_corpus"))
    assert (outcome.attempted > 2, outcome.failed) == (True, 0)


def test_a_command_costs_what_its_children_cost(load) -> None:
    """A parent that only waits for a child that computes has cost the child's CPU time and memory."""
    burn = "import time; x = bytearray(90_000_000)\nwhile time.process_time() < 0.3: pass"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {burn!r}]); print('done')"
    cost = load("costs").cost_of([sys.executable, "-c", parent])
    assert 0.3 <= cost.cpu_s < 3
    assert cost.peak_bytes > 90_000_000
    assert cost.output == b"done\n"


def test_memory_of_a_tree_is_a_sum(load) -> None:
    """Two processes at once count both."""
    hold = "import time; x = bytearray(60_000_000); time.sleep(0.5)"
    parent = f"import subprocess, sys; c = subprocess.Popen([sys.executable, '-c', {hold!r}]); {hold}; c.wait()"
    assert load("costs").peak_of_tree([sys.executable, "-c", parent]) > 120_000_000


@pytest.mark.parametrize(("code", "good", "fails"), [("exit(3)", (0,), True), ("exit(1)", (0, 1), False)])
def test_a_command_that_fails_is_no_measurement(load, code: str, good: tuple[int, ...], fails: bool) -> None:
    """What a failed command took says nothing; findings are no failure where that is said."""
    costs = load("costs")
    if fails:
        with pytest.raises(costs.Failed, match="exit 3"):
            costs.cost_of([sys.executable, "-c", code], good=good)
    else:
        costs.cost_of([sys.executable, "-c", code], good=good)


def test_the_unit_survives_what_does_not_parse(project: Path, tmp_path: Path) -> None:
    """Old syntax, a NUL byte and deep nesting count as tried."""
    contents = {"good.py": b"a = 1\n", "old.py": b"print 1\n", "nul.py": b"\0", "deep.py": b"(" * 10_000}
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    names = tmp_path / "names.txt"
    names.write_text("".join(f"{tmp_path / name}\n" for name in contents), encoding="utf-8")
    command = [sys.executable, project / "benchmarks/scan_reference.py", names]
    told = json.loads(subprocess.run(command, capture_output=True, check=True, timeout=60).stdout)
    assert told["files"] == 4
    assert told["parse_s"] > 0


def test_ratios_are_taken_run_by_run(load, bench: ModuleType) -> None:
    """A slow moment of the machine hits unit and command alike."""
    costs = load("costs")
    row = bench.Row("cold", 1000, [cost_s(costs, 2.0), cost_s(costs, 4.0), cost_s(costs, 2.2)], [1.4, 2.8, 1.54])
    assert row.ratio.median == pytest.approx(0.7)
    assert row.cpu_s == 2.2


def test_disturbed_pairs_do_not_count_for_wall_time(load, bench: ModuleType) -> None:
    """Unless there are no others, which is said."""
    costs = load("costs")
    one = bench.Row("one", 1, [cost_s(costs, 1, 2.0), cost_s(costs, 1, 2.0)], [1, 1])
    noisy, quiet = cost_s(costs, 1, 2.0, others=0.8), cost_s(costs, 1, 1.1)
    assert bench.side_by_side(one, bench.Row("two", 1, [noisy, quiet], [1, 1])) == (2.0 / 1.1, True)
    assert bench.side_by_side(one, bench.Row("two", 1, [noisy, noisy], [1, 1])) == (1.0, False)


def test_each_target_can_be_missed(load, bench: ModuleType) -> None:
    """Too slow, too slow warm, two no faster than one, too much memory: each is told alone."""
    costs = load("costs")

    def missed(cold: float, warm: float, two_wall_s: float, peak: int) -> list[bool]:
        rows = {
            bench.COLD: bench.Row(bench.COLD, 10**6, [cost_s(costs, 10 / cold, 17.0)], [10.0]),
            bench.TWO: bench.Row(bench.TWO, 10**6, [cost_s(costs, 10, two_wall_s)], [10.0]),
            bench.WARM: bench.Row(bench.WARM, 10**6, [cost_s(costs, 10 / warm)], [10.0]),
        }
        return [not verdict.good for verdict in bench.verdicts(rows, {"one process": peak})]

    assert missed(0.7, 50, 9, 200_000_000) == [False, False, False, False]
    assert missed(0.6, 50, 9, 200_000_000) == [True, False, False, False]
    assert missed(0.7, 30, 9, 200_000_000) == [False, True, False, False]
    assert missed(0.7, 50, 11, 200_000_000) == [False, False, True, False]
    assert missed(0.7, 50, 9, 310_000_000) == [False, False, False, True]


def test_a_changed_file_is_as_it_was_afterwards(load, bench: ModuleType, tmp_path: Path) -> None:
    """Content and times, even when the scan fails."""
    corpus, costs = load("scan_corpus"), load("costs")
    file = tmp_path / "tree" / "a.py"
    file.parent.mkdir()
    file.write_bytes(b"a = 1\n")
    before = file.stat().st_mtime_ns
    tree = bench.Corpus((file.parent,), corpus.sources([file.parent]))
    with pytest.raises(costs.Failed):
        bench.Bench(Path(sys.executable), bench.Corpus((tmp_path / "none",), tree.files), tmp_path).changed()
    assert (file.read_bytes(), file.stat().st_mtime_ns) == (b"a = 1\n", before)
