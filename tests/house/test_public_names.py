"""What users import is what the stub says."""

import ast
from pathlib import Path

import iobound


def test_the_stub_names_what_the_package_gives(project: Path) -> None:
    """Type checkers read the stub, programs the package."""
    stub = ast.parse((project / "src/iobound/__init__.pyi").read_text(encoding="utf-8"))
    imported = {
        alias.asname: (node.module, alias.name)
        for node in stub.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert imported == iobound._HOMES
    assert sorted(iobound._HOMES) == sorted(iobound.__all__)
    assert all(callable(getattr(iobound, name)) for name in iobound.__all__)
    functions = {node.name for node in stub.body if isinstance(node, ast.FunctionDef)}
    assert functions == {"load_ipython_extension", "unload_ipython_extension"}
    assert functions <= vars(iobound).keys()
