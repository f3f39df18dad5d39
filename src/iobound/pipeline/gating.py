"""Where gates stand: read before anything runs, held against the JSON report when it is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from iobound.model.diagnosis import Check, Diagnosis
    from iobound.model.finding import ScanResult
    from iobound.model.gate import Gate
    from iobound.model.suite import SuiteFindings
    from iobound.verbs.report import Roots


def of_run(checks: Sequence[str]) -> tuple[Gate, ...]:
    """Read what `--check` of `run` and `report` was given; see `gate.parse`.

    Raises:
        UsageError: One of them cannot be read.
    """
    if not checks:
        return ()
    from iobound.verbs import gate, report

    known = gate.of_run(report.schema())
    return tuple(gate.parse(check, known) for check in checks)


def held(diagnosis: Diagnosis, gates: Sequence[Gate]) -> Diagnosis:
    """The diagnosis with how its gates went."""
    if not gates:
        return diagnosis
    from iobound.verbs import gate
    from iobound.verbs.report import as_json

    document = as_json.document(diagnosis)
    return diagnosis._replace(checks=tuple(gate.hold(each, document) for each in gates))


FAILED = "check failed: "
"""What stands before the text of a gate that did not pass, whichever command or plugin tells of it."""


def failed(checks: Iterable[Check]) -> list[str]:
    """A line for each gate that did not pass, in a form that scripts can rely on, and a terminal does not act on."""
    return [_line(check.text) for check in checks if not check.passed]


def unknown(expressions: Iterable[str], *, forbidden: bool = False) -> list[str]:
    """A line in the same form for each gate, where there is no report to hold it against.

    Args:
        expressions: As they were given.
        forbidden: Whether they say what must not be.
    """
    must = " must not be" if forbidden else ""
    return [_line(f"{text.strip()}{must}: not measurable here: there is no report") for text in expressions]


def _line(text: str) -> str:
    from iobound.verbs.report import harmless  # of which a run whose gates pass has no need

    return f"iobound: {FAILED}{harmless.inline(text)}\n"


def of_suite(expressions: Sequence[str]) -> tuple[Gate, ...]:
    """Read what `--iobound-fail-on` was given.

    Raises:
        UsageError: One of them cannot be read.
    """
    from iobound.verbs import gate
    from iobound.verbs.report import suite_json

    known = gate.of_suite(suite_json.schema())
    return tuple(gate.parse(each, known) for each in expressions)


def suite_held(findings: SuiteFindings, gates: Sequence[Gate]) -> SuiteFindings:
    """The findings of a suite with how it does against what must not be."""
    if not gates:
        return findings
    from iobound import __version__
    from iobound.verbs import gate
    from iobound.verbs.report import suite_json

    document = suite_json.document(findings, __version__)
    return findings._replace(checks=tuple(gate.hold(each, document, forbidden=True) for each in gates))


def of_scan(checks: Sequence[str]) -> tuple[Gate, ...]:
    """Read what `--check` of `scan` was given.

    Raises:
        UsageError: One of them cannot be read.
    """
    if not checks:
        return ()
    from iobound.verbs import gate, report

    known = gate.of_scan(report.scan_schema())
    return tuple(gate.parse(check, known) for check in checks)


def scan_held(result: ScanResult, gates: Sequence[Gate], roots: Roots) -> ScanResult:
    """The result of a scan with how its gates went."""
    if not gates:
        return result
    import json

    from iobound.verbs import gate, report

    document = json.loads(report.render_findings(result, "json", style=report.TextStyle(), roots=roots))
    return result._replace(checks=tuple(gate.hold(each, document) for each in gates))
