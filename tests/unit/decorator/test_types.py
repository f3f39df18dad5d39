"""Types stay as they are: arguments, results, methods, overloads, and there is a `report`."""

from __future__ import annotations

from pathlib import Path

import pytest
from mypy import api


@pytest.mark.slow
def test_what_a_type_checker_says(tmp_path: Path) -> None:
    """Mypy, in its strict mode: each type that is claimed is right, and each error that is expected is one."""
    uses = Path(__file__).with_name("typed_uses.py")
    output, errors, code = api.run(
        ["--strict", "--config-file", "", "--cache-dir", str(tmp_path), "--follow-imports", "silent", str(uses)]
    )
    assert (errors, code) == ("", 0), output
