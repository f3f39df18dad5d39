"""What a rule is, and how it says what it found."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from iobound.model.finding import Confidence, Finding, Fix, Severity, Span, Step


class Rule(NamedTuple):
    """A rule; what it means and how to mend it stands in `texts/ID.md`.

    Attributes:
        id: Such as `IOB201`: never given to another rule again.
        name: In words with hyphens.
        summary: One sentence.
        default: Whether it is selected unless something else is asked for: it survives real code.
    """

    id: str
    name: str
    severity: Severity
    confidence: Confidence
    summary: str
    default: bool = True

    def at(
        self,
        file: str,
        span: Span,
        message: str,
        *,
        hint: str = "",
        function: str = "<module>",
        chain: tuple[Step, ...] = (),
        weight_s: float | None = None,
        suggestion: str = "",
        fix: Fix | None = None,
        severity: Severity | None = None,
        confidence: Confidence | None = None,
    ) -> Finding:
        """A finding of this rule.

        Args:
            severity: Where it differs from the rule's own; likewise `confidence`.
        """
        return Finding(
            rule=self.id,
            file=file,
            span=span,
            severity=severity or self.severity,
            confidence=confidence or self.confidence,
            message=message,
            hint=hint,
            function=function,
            chain=chain,
            weight_s=weight_s,
            suggestion=suggestion,
            fix=fix,
        )


Findings = Iterator[Finding]
