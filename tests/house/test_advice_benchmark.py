"""How the advice benchmark judges: which way an advice means, and when it is right."""

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="module")
def advice(project: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("advice_benchmark", project / "benchmarks/advice.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["advice_benchmark"] = module
    spec.loader.exec_module(module)
    return module


OFFERED = ["threads:4", "threads:16", "processes:2"]


@pytest.mark.parametrize(
    ("strategy", "workers", "now", "way"),
    [
        ("native_threads", 2, "sequential", "threads:2"),
        ("threads", None, "sequential", "threads:16"),
        ("processes", 64, "sequential", "processes:32"),
        ("more_workers", 8, "threads", "threads:8"),
        ("fewer_workers", 2, "processes", "processes:2"),
        ("raise_cpu_limit", None, "sequential", "plain"),
        ("sequential", None, "sequential", "plain"),
        ("asyncio", 16, "sequential", "asyncio:16"),
    ],
)
def test_an_advice_means_a_way(advice: ModuleType, strategy: str, workers: int | None, now: str, way: str) -> None:
    """Other words for a way of running, and what leaves the program as it is."""
    assert advice.advised_way({"strategy": strategy, "workers": workers}, {"strategy_now": now}, OFFERED) == way


@pytest.mark.parametrize(
    ("way", "right", "slower", "covered"),
    [
        ("threads:4", True, False, True),
        ("plain", False, False, False),
        ("processes:2", False, True, False),
        ("asyncio:4", False, False, False),
    ],
)
def test_a_row_is_judged_by_what_was_measured(
    advice: ModuleType, way: str, right: bool, slower: bool, covered: bool
) -> None:
    """Near the best is right; a way that the program does not have is never right."""
    seconds = {"plain": 4.0, "threads:4": 1.1, "threads:16": 1.0, "processes:2": 5.0}
    row = advice.Row("program", "io", "threads", 4, 3.0, 3.5, 4.0, way, seconds)
    assert (row.right, row.slower, row.covered) == (right, slower, covered)
    assert row.best == "threads:16"


def test_every_program_says_what_ways_it_has(advice: ModuleType, project: Path) -> None:
    """Programs that need the standard library only; the others have the same frame around them."""
    for name in ("primes", "crawler", "paginated", "pack_parts"):
        program = project / "benchmarks/advice_programs" / f"{name}.py"
        ways = advice.ways_of(sys.executable, program)
        assert all(":" in way for way in ways)
        assert bool(ways) is (name != "paginated")


def test_programs_do_not_know_who_looks(advice: ModuleType) -> None:
    """A benchmark that knows what it is measured with would be none."""
    found = advice.programs([])
    assert len(found) >= 36
    assert not [path.name for path in found if "iobound" in path.read_text(encoding="utf-8")]


def test_a_way_that_a_program_lacks_is_refused(project: Path) -> None:
    """No way is silently replaced by another."""
    program = project / "benchmarks/advice_programs/tiny.py"
    done = subprocess.run([sys.executable, program, "--strategy", "batch"], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "no way 'batch'" in done.stderr
