"""The HTML report by the command line: of a run, and of its recording."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_a_run_and_its_recording_give_the_same_page(tmp_path: Path) -> None:
    """It is written beside the text, and again later, elsewhere."""
    script = tmp_path / "sleeper <b>.py"
    script.write_text("import time\nfor _ in range(6):\n    time.sleep(0.1)\n")
    options = ["--report", "html:page.html", "--report", "text", "--save", "kept.iob"]
    subprocess.run(
        [sys.executable, "-m", "iobound", "run", *options, script.name],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        timeout=60,
    )
    again = subprocess.run(
        [sys.executable, "-m", "iobound", "report", "--report", "html", "kept.iob"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
    )
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>\n")
    assert "Sleeping on purpose" in page and "sleeper &lt;b&gt;.py" in page and "<b>" not in page
    assert again.stdout == page
