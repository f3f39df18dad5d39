"""Gives the tests of comparisons the stories that the golden files use."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

for _name in ("stories", "comparison_stories", "hostile"):
    if _name not in sys.modules:
        _path = Path(__file__).parents[3] / "golden" / f"{_name}.py"
        _spec = importlib.util.spec_from_file_location(_name, _path)
        assert _spec is not None and _spec.loader is not None
        sys.modules[_name] = _module = importlib.util.module_from_spec(_spec)
        _spec.loader.exec_module(_module)
