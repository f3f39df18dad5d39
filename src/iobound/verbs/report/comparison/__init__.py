"""What changed between two sides: its own formats, and what all formats of it are made of.

Steps: `told` puts every quantity into words and figures once, `next_step` says what to do about them, `sections` makes
tables; `as_text` and `as_json` write them down. The formats of CI systems and code hosts are those of `records`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from iobound.verbs.report.loading import later
from iobound.verbs.report.style import TextStyle

if TYPE_CHECKING:
    from iobound.model.comparison import Comparison

    Renderer = Callable[[Comparison, TextStyle], str]

__all__ = ["OWN_FORMATS", "comparison_document", "comparison_schema"]


OWN_FORMATS: Mapping[str, Renderer] = {
    "text": later(__name__, "as_text"),
    "json": later(__name__, "as_json"),
}
"""Formats that only comparisons are written in so, and who writes them."""


def comparison_document(comparison: Comparison) -> dict[str, Any]:
    """The comparison as plain data, schema `iobound.comparison/1`: what expressions of `--fail-on` are about."""
    from iobound.verbs.report.comparison import as_json

    return as_json.document(comparison)


def comparison_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) that every document of `iobound compare` keeps to."""
    from iobound.verbs.report.comparison import as_json

    return as_json.schema()
