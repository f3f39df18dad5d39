"""A test suite whose files and cases are called what no report may act on."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from hostile import EVERY
from injection_readers import READERS
from test_injection_formats import COMMAND, identified

from iobound.verbs.report import FORMATS

NAMES = [name for name in EVERY if name.strip() and len(name) < 1_000]
FILE = "test_<b>`x`\x1b[31m##[error]@ann.py"
SUITE = f"""
import time
import pytest

@pytest.mark.parametrize("name", {NAMES!a}, ids=lambda name: name.encode("utf-8", "replace").decode())
def test_named(name):
    pass

@pytest.fixture
def slow():
    time.sleep(0.1)

@pytest.mark.parametrize("name", {NAMES[:8]!a}, ids={NAMES[21:29]!a})
def test_that_waits(name, slow):
    time.sleep(0.1)
"""
SCOPE = "[pytest]\nasyncio_default_fixture_loop_scope = function\n"


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """Every report of one run of the suite, and what pytest showed."""
    folder = tmp_path_factory.mktemp("suite")
    (folder / FILE).write_text(SUITE, encoding="utf-8")
    (folder / "pytest.ini").write_text(SCOPE, encoding="utf-8")
    reports = [word for format in FORMATS for word in ("--iobound-report", f"{format}:{folder / format}")]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", *reports]
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "PYTHONPATH") if name in os.environ}
    environment = {**kept, "LANG": "C.UTF-8"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr).decode()[-2_000:]
    return folder


@pytest.mark.parametrize("format", FORMATS)
def test_reports_of_a_hostile_suite_are_data(format, told):
    """Tests that wait are told by their names, in the format's own way of quoting."""
    text = (told / format).read_text(encoding="utf-8")
    assert text.replace("\n", "").isprintable()
    assert format == "github" or not COMMAND.search(text)
    shown = READERS[format](text).shown
    assert identified("test_that_waits", shown)
