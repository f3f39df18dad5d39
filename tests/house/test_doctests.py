"""Examples in docstrings run."""

import doctest
import importlib
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "src" / "iobound"


def modules_with_examples() -> list[str]:
    """Dotted names of modules with a `>>>`; the agent acts when it is imported and is left alone."""
    paths = (path.relative_to(PACKAGE.parent) for path in sorted(PACKAGE.rglob("*.py")))
    return [
        ".".join(path.with_suffix("").parts).removesuffix(".__init__")
        for path in paths
        if "agent" not in path.parts and ">>>" in (PACKAGE.parent / path).read_text(encoding="utf-8")
    ]


@pytest.mark.parametrize("name", modules_with_examples())
def test_examples_hold(name: str) -> None:
    """Every example of the module gives what it says."""
    outcome = doctest.testmod(importlib.import_module(name))
    assert outcome.attempted > 0
    assert outcome.failed == 0
