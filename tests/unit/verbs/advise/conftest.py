"""Stories of programs, importable as `advise_stories` although tests are imported without their folder on the path."""

import importlib.util
import sys
from pathlib import Path

if "advise_stories" not in sys.modules:
    _spec = importlib.util.spec_from_file_location("advise_stories", Path(__file__).with_name("stories.py"))
    assert _spec is not None and _spec.loader is not None
    sys.modules["advise_stories"] = _module = importlib.util.module_from_spec(_spec)
    _spec.loader.exec_module(_module)
