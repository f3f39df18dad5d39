"""What docs/observing-from-within.md shows, run as it stands there."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).parents[3] / "docs" / "observing-from-within.md"


def test_the_example_prints_what_its_comments_say(programs):
    text = PAGE.read_text(encoding="utf-8")
    (example,) = re.findall(r"<!-- within-example -->\n```python\n(.*?)```", text, re.DOTALL)
    wanted = re.findall(r"^print\(.*\)  # (.*)$", example, re.MULTILINE)
    process = programs.start(example)
    output, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, b"")
    assert output.decode().splitlines() == wanted
    assert len(wanted) == 2
