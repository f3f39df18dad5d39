"""Gives the tests of reports the stories that the golden files use."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

if "stories" not in sys.modules:
    _path = Path(__file__).parents[3] / "golden" / "stories.py"
    _spec = importlib.util.spec_from_file_location("stories", _path)
    assert _spec is not None and _spec.loader is not None
    sys.modules["stories"] = _module = importlib.util.module_from_spec(_spec)
    _spec.loader.exec_module(_module)
