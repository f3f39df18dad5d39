"""Reports of a part of a program say so: a block, a call, and one that nobody looked at."""

from __future__ import annotations

import pytest
from stories import STORIES

from iobound.model.recording import Capability
from iobound.pipeline.observed import diagnose
from iobound.pipeline.unobserved import Clocks, recording_of
from iobound.verbs import report

LOG = report.TextStyle(width=80)


def within(*command):
    """The story of downloads as if a program had had this part of itself observed."""
    diagnosis = STORIES["sequential_io"]()
    known = (*diagnosis.recording.capabilities, Capability("whole_run", "the program itself", True))
    recording = diagnosis.recording._replace(command=command, capabilities=known, exit_code=None)
    return diagnosis._replace(recording=recording)


@pytest.mark.parametrize(
    ("command", "shown", "whole"),
    [
        (("crawl.py", "a b"), "crawl.py 'a b'", "block"),
        (("import of the catalogue",), "import of the catalogue", "block"),
        (("__main__:<lambda>",), "__main__:<lambda>", "call"),
    ],
)
def test_a_part_of_a_program_is_told_as_such(command, shown, whole):
    text = report.render(within(*command), "text", style=LOG)
    words = " ".join(text.split())
    assert f"ran: {shown}," in words and f"a {whole}, observed from within" in words
    assert "whole program" not in words and f"for the whole {whole}" in words


def test_a_run_is_told_as_a_whole_program():
    text = report.render(STORIES["sequential_io"](), "text", style=LOG)
    assert "for the whole program" in text and "from within" not in text


@pytest.mark.parametrize("format", ["text", "json", "speedscope", "html"])
def test_what_nobody_looked_at_has_a_report_in_every_format(format):
    begun = Clocks()
    sum(range(100_000))
    diagnosis = diagnose(recording_of(("x.py",), "", begun, Clocks(), "there is no /bin/sh here"))
    assert str(diagnosis.verdict.bound) == "inconclusive"
    assert diagnosis.advice == () and diagnosis.predictions == ()
    text = report.render(diagnosis, format, style=LOG)
    if format == "text":
        words = " ".join(text.split())
        assert "advice: no recommendation: too little is known" in words
        assert "next: nothing was observed: there is no /bin/sh here" in words
