"""The benchmarks' arithmetic and the bookkeeping of programs that know their time budget."""

import doctest
import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

STATES = (
    "cpu_python cpu_native wait_network wait_disk wait_ipc wait_child wait_sleep wait_lock wait_gil wait_input wait_cpu"
)


@pytest.fixture(scope="module")
def accuracy(project: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("accuracy", project / "benchmarks/accuracy.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["accuracy"] = module
    spec.loader.exec_module(module)
    return module


def test_examples_of_accuracy_hold(accuracy: ModuleType) -> None:
    """The distance of two budgets is what its docstring says."""
    outcome = doctest.testmod(accuracy)
    assert outcome.attempted > 0
    assert outcome.failed == 0


def test_judgement_looks_at_named_threads(accuracy: ModuleType) -> None:
    """A thread that was not seen is wholly wrong, whatever the whole run says."""
    truth = {"states": {"cpu_python": 1.0}, "bound": ["gil"], "threads": {"first": {"cpu_python": 1.0}}}
    report = {"states": {"cpu_python": 1.0}, "processes": [], "verdict": {"bound": "gil"}}
    outcome = accuracy.judge(truth, report, 0.05)
    assert (outcome.error, outcome.allowed) == (1.0, True)


def test_judgement_refuses_shares_that_do_not_add_up(accuracy: ModuleType) -> None:
    """A budget with a hole is wholly wrong."""
    truth = {"states": {"cpu_python": 1.0}, "bound": ["cpu"]}
    report = {"states": {"cpu_python": 0.98}, "processes": [], "verdict": {"bound": "cpu"}}
    assert accuracy.judge(truth, report, 0.05).error == 1.0


def test_a_ledger_adds_up(project: Path, tmp_path: Path) -> None:
    """What a program books is written as shares of known states that add up to 1."""
    code = (
        "import time\n"
        "from _ledger import Ledger, compute\n"
        "ledger = Ledger()\n"
        "with ledger.spend('cpu_python'): compute(0.02)\n"
        "with ledger.spend_blocked('wait_sleep'): time.sleep(0.06)\n"
        "ledger.settle(['sleep'], tolerance=0.1)\n"
    )
    written = tmp_path / "truth.json"
    environment = {"PYTHONPATH": str(project / "benchmarks/truth"), "TRUTH_OUT": str(written)}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True, timeout=60)
    truth = json.loads(written.read_text(encoding="utf-8"))
    assert set(truth["states"]) <= set(STATES.split())
    assert sum(truth["states"].values()) == pytest.approx(1)
    assert truth["states"]["wait_sleep"] > truth["states"]["cpu_python"]
    assert (truth["bound"], truth["tolerance"]) == (["sleep"], 0.1)
