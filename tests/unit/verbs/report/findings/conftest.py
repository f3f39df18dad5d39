"""Findings that the tests of their formats share."""

from __future__ import annotations

import pytest
from finding_stories import LOOP, RULES

from iobound.model.finding import ScanResult, Span


@pytest.fixture
def many():
    """Makes a scan with so many findings, the later ones of more weight."""

    def make(count):
        findings = tuple(
            LOOP._replace(span=Span(number, 4, number, 9), weight_s=float(number), file=f"f{number}.py")
            for number in range(1, count + 1)
        )
        return ScanResult(findings, RULES, count, count)

    return make
