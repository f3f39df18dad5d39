"""The generated suites of the benchmarks, and how their rows are judged."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture
def xdist(project: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(project / "benchmarks"))
    for name in ("suites", "xdist_benchmark"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    spec = importlib.util.spec_from_file_location("xdist_benchmark", project / "benchmarks/xdist.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "xdist_benchmark", module)
    spec.loader.exec_module(module)
    return module


def test_suites_are_a_dozen_and_can_be_run(xdist: ModuleType, tmp_path: Path) -> None:
    """Each is Python from its first line to its last, and has a test."""
    assert len(xdist.suites.SUITES) >= 12
    for name in xdist.suites.SUITES:
        xdist.suites.write(name, tmp_path / name)
        sources = {path: path.read_text(encoding="utf-8") for path in (tmp_path / name).glob("*.py")}
        for path, source in sources.items():
            compile(source, path, "exec")
        assert any(path.name.startswith("test_") and "def test_" in source for path, source in sources.items())


def test_a_speed_up_is_covered_by_its_interval(xdist: ModuleType) -> None:
    """Ends included."""
    row = xdist.Row("mixed", 2, 1.5, 1.2, 1.8, 1.8)
    assert row.covers
    assert not xdist.Row("mixed", 2, 1.5, 1.2, 1.8, 1.1).covers
