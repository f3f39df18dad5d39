"""The picture in docs/index.md is a contract that a machine checks."""

import ast
import sys
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

PURE = ("model", *(f"verbs/{verb}" for verb in ("attribute", "scan", "predict", "advise", "compare", "report")))
CLOCKS = {"now", "utcnow", "today", "perf_counter", "perf_counter_ns", "monotonic", "monotonic_ns", "time_ns"}


def sources(folder: Path) -> list[Path]:
    found = sorted(folder.rglob("*.py"))
    assert found, f"{folder} has moved, and nothing would be checked"
    return found


def calls(path: Path) -> list[ast.Call]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)]


def test_import_contracts_are_kept(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Layers, front doors, pure verbs and the rest hold, as `lint-imports` reads them from pyproject.toml."""
    monkeypatch.chdir(project)
    exit_code = lint_imports(config_filename=str(project / "pyproject.toml"), no_cache=True)
    assert exit_code == 0, capsys.readouterr().out


def test_agent_imports_only_the_standard_library(project: Path) -> None:
    """The agent lives in other people's processes, where nothing of ours is installed."""
    agent = project / "src/iobound/agent"
    own = {path.stem for path in sources(agent)}
    foreign = {}
    for path in sources(agent):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            tops = (
                {name.partition(".")[0] for name in names} - own - set(sys.stdlib_module_names) - {"_xxsubinterpreters"}
            )
            foreign.update(dict.fromkeys(tops, path.name))
    assert foreign == {}


@pytest.mark.parametrize("room", PURE)
def test_pure_rooms_draw_no_unseeded_numbers_and_read_no_clock(project: Path, room: str) -> None:
    """`random.Random(seed)` is a function of its seed; `random.random()`, `datetime.now()` and `open()` are not."""
    impure = []
    for path in sources(project / "src/iobound" / room):
        for call in calls(path):
            spelled = ast.unparse(call.func)
            unseeded = spelled in ("random.Random", "Random") and not (call.args or call.keywords)
            shared = spelled.startswith("random.") and spelled != "random.Random"
            clock = isinstance(call.func, ast.Attribute) and call.func.attr in CLOCKS
            if unseeded or shared or clock or spelled == "open":
                impure.append(f"{path.name}:{call.lineno} {spelled}")
    assert impure == []
