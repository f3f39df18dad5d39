"""What changed between two sides, as text, JSON and Markdown.

Steps: `told` puts every quantity into words and figures once; each format is one file that writes them down. A new
format is one file and one line in `COMPARISON_FORMATS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

from iobound.verbs.report.style import TextStyle

if TYPE_CHECKING:
    from iobound.model.comparison import Comparison

    Renderer = Callable[[Comparison, TextStyle], str]

__all__ = ["COMPARISON_FORMATS", "comparison_document", "comparison_schema"]


def _later(file: str) -> Renderer:
    """A renderer whose file is loaded when it is used."""

    def renderer(comparison: Comparison, style: TextStyle) -> str:
        written: str = import_module(f"{__name__}.{file}").render(comparison, style)
        return written

    return renderer


COMPARISON_FORMATS: Mapping[str, Renderer] = {
    "text": _later("as_text"),
    "json": _later("as_json"),
    "markdown": _later("as_markdown"),
}
"""Formats of `iobound compare`, and who writes them."""


def comparison_document(comparison: Comparison) -> dict[str, Any]:
    """The comparison as plain data, schema `iobound.comparison/1`: what expressions of `--fail-on` are about."""
    from iobound.verbs.report.comparison import as_json

    return as_json.document(comparison)


def comparison_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) that every document of `iobound compare` keeps to."""
    from iobound.verbs.report.comparison import as_json

    return as_json.schema()
