"""Where the project lies."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def project() -> Path:
    """Top folder of the project."""
    return Path(__file__).resolve().parents[2]
