"""Findings that the tests of their formats share."""

from __future__ import annotations

from dataclasses import replace

import pytest
from finding_stories import LOOP, RULES

from iobound.model.finding import Edit, Fix, RuleNote, ScanResult, Span, Step


def poisoned(text):
    """A scan in which every name, path and piece of source is this text; twice, so that fingerprints must differ."""
    finding = replace(
        LOOP,
        file=text or "-",
        span=Span(3, 2, 3, 9),
        message=text,
        hint=text,
        function=text,
        excerpt=text,
        chain=(Step(text, text, 1), Step(text, text, 2)),
        suggestion=text,
        fix=Fix(text, (Edit(Span(3, 2, 3, 9), text),), safe=True),
    )
    note = RuleNote("IOB201", text, text, finding.severity, finding.confidence, text)
    return ScanResult((finding, replace(finding, cell=2)), {"IOB201": note}, 1, 1, left_out={text: 1})


@pytest.fixture
def poison():
    """Makes a scan in which all is one text."""
    return poisoned


@pytest.fixture
def many():
    """Makes a scan with so many findings, the later ones of more weight."""

    def make(count):
        findings = tuple(
            replace(LOOP, span=Span(number, 4, number, 9), weight_s=float(number), file=f"f{number}.py")
            for number in range(1, count + 1)
        )
        return ScanResult(findings, RULES, count, count)

    return make
