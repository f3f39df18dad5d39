"""The tool that confirms the catalogue: its probe tells apart what it must, its probes are of entries that exist."""

import ctypes
import doctest
import importlib
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iobound.verbs.scan.catalogue.lookup import catalogue

ROOMS = ("waiting", "files", "computing", "numeric", "third_party")
SHARE = st.floats(min_value=0, max_value=1)


@pytest.fixture(scope="module", autouse=True)
def path(project: Path) -> Iterator[None]:
    sys.path.insert(0, str(project / "benchmarks"))
    yield
    sys.path.remove(str(project / "benchmarks"))


@pytest.fixture(scope="module")
def gil(path: None) -> ModuleType:
    return importlib.import_module("catalogue_probes.gil")


@pytest.mark.parametrize("room", ROOMS)
def test_every_probe_is_of_an_entry(room: str) -> None:
    """A probe whose entry is gone or renamed would confirm nothing."""
    probes = importlib.import_module(f"catalogue_probes.{room}").PROBES
    assert probes
    assert [name for name in probes if name not in set(catalogue().names())] == []


@pytest.mark.parametrize("room", ["gil", "names", "pickling"])
def test_examples_hold(room: str) -> None:
    """The docstrings' examples run."""
    outcome = doctest.testmod(importlib.import_module(f"catalogue_probes.{room}"))
    assert outcome.attempted > 0
    assert outcome.failed == 0


@pytest.mark.skipif(sys.platform != "linux", reason="schedstat is Linux's")
def test_the_probe_knows_its_controls(gil: ModuleType) -> None:
    """A sleep that releases the GIL, and the same sleep that holds it, are told apart."""
    freeing = gil.look_at(time.sleep, (0.015,))
    holding = gil.look_at(ctypes.PyDLL(None).usleep, (15_000,))
    if freeing is None or holding is None:
        pytest.skip("other programs took the CPUs")
    assert freeing.against("holds") == "contradicted"
    assert holding.against("releases") == "contradicted"


@given(SHARE, SHARE)
def test_a_verdict_never_contradicts_itself(held: float, free: float) -> None:
    """What was measured fits to an entry that says just that; `holds` and `releases` are never both possible."""
    look = importlib.import_module("catalogue_probes.gil").Look(held, free, 0.0, 0.01)
    assert look.against(look.verdict) == "confirmed"
    assert look.against(None) == "confirmed"
    if look.verdict == "holds":
        assert look.against("releases") == "contradicted"


def test_the_catalogue_agrees_with_pickle(project: Path) -> None:
    """What is said of the standard library's types is so, in a process that may leave them open."""
    code = (
        "from catalogue_probes.pickling import wrongly_said; "
        "from iobound.verbs.scan.catalogue.lookup import catalogue; "
        "print(wrongly_said(catalogue()))"
    )
    environment = {"PYTHONPATH": f"{project / 'benchmarks'}:{project / 'src'}"}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.strip() == "[]"
