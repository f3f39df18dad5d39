"""Writers of formats are loaded when they are used: a run that is told as text needs no other format."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from iobound.verbs.report.style import TextStyle


def later(package: str, file: str, function: str = "render") -> Callable[[Any, TextStyle], str]:
    """The function of a file, which is loaded at the first call.

    Example:
        >>> later("iobound.verbs.report", "text").__name__
        'renderer'
    """

    def renderer(told: Any, style: TextStyle) -> str:
        written: str = getattr(import_module(f"{package}.{file}"), function)(told, style)
        return written

    return renderer
