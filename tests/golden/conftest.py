"""Golden files: `pytest tests/golden --update-golden` writes them anew; read the difference before you keep it."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

if "stories" not in sys.modules:
    # Tests are imported without their folder being on the path, so that no two of them can be mixed up.
    _spec = importlib.util.spec_from_file_location("stories", Path(__file__).with_name("stories.py"))
    assert _spec is not None and _spec.loader is not None
    sys.modules["stories"] = _module = importlib.util.module_from_spec(_spec)
    _spec.loader.exec_module(_module)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--update-golden`; pytest knows it only when this folder stands on the command line."""
    parser.addoption("--update-golden", action="store_true", help="write the golden files anew")


class Golden:
    """Files that hold what reports looked like when somebody last read them."""

    def __init__(self, update: bool) -> None:
        self.update = update
        self.folder = Path(__file__).parent / "expected"

    def check(self, name: str, text: str) -> None:
        """Compare with the golden file, or replace it."""
        path = self.folder / name
        if self.update:
            self.folder.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
        assert text == path.read_text(encoding="utf-8"), f"{name} differs; see tests/golden/conftest.py"


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """The golden files of this folder."""
    return Golden(bool(request.config.getoption("--update-golden", default=False)))
