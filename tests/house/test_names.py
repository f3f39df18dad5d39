"""Files and public names say what they are."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

DRAWERS = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "stuff"}
VERBS = ("observe", "gather", "store", "attribute", "scan", "predict", "advise", "compare", "report")

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def public_definitions(tree: ast.Module) -> Iterator[Definition]:
    """Public functions and classes of a module, and the public methods of those classes."""
    for node in tree.body:
        if isinstance(node, Definition) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from (child for child in node.body if isinstance(child, Definition) and child.name[0] != "_")


def undocumented(path: Path) -> list[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = [("module", tree), *((node.name, node) for node in public_definitions(tree))]
    return [f"{path.parent.name}/{path.name}: {name}" for name, node in nodes if not ast.get_docstring(node)]


def test_no_drawers(project: Path) -> None:
    """No file is named for not knowing where things belong."""
    named = [path for path in (project / "src").rglob("*") if path.stem.strip("_") in DRAWERS]
    assert named == []


def test_no_file_shadows_the_standard_library(project: Path) -> None:
    """`as_json.py`, not `json.py`; `sitecustomize.py` is there to be found in place of another."""
    modules = set(sys.stdlib_module_names)
    shadows = [str(path) for path in (project / "src").rglob("*.py") if path.stem in modules]
    assert shadows == []


def test_nouns_are_documented(project: Path) -> None:
    """Every public name of the model says what it is."""
    missing = [line for path in (project / "src/iobound/model").glob("*.py") for line in undocumented(path)]
    assert missing == []


@pytest.mark.parametrize("verb", VERBS)
def test_front_files_name_their_steps(project: Path, verb: str) -> None:
    """A verb has one front file with a docstring, and what it offers is documented where it is defined."""
    package = project / "src/iobound/verbs" / verb
    assert undocumented(package / "__init__.py") == []
    front = ast.parse((package / "__init__.py").read_text(encoding="utf-8"))
    offered = {
        alias.name
        for node in front.body
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"iobound.verbs.{verb}")
        for alias in node.names
    }
    silent = [
        f"{path.name}: {node.name}"
        for path in package.rglob("*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, Definition) and node.name in offered and not ast.get_docstring(node)
    ]
    assert silent == []
