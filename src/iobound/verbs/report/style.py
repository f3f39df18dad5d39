"""How text is to be written: decided by the caller, because a report knows neither the terminal nor the environment."""

from __future__ import annotations

from typing import NamedTuple

NARROWEST = 40


class TextStyle(NamedTuple):
    """What the reader's screen or file can show.

    Attributes:
        width: Columns to fit into; anything under 40 is treated as 40.
        colour: Whether colour and weight may be used.
        unicode: Whether more than ASCII may be written.
        plain: Whether it goes into a log: one fact a line at the top, no boxes.
        concise: Whether each finding of a scan takes one line, without its source.
    """

    width: int = 80
    colour: bool = False
    unicode: bool = False
    plain: bool = True
    concise: bool = False

    @property
    def columns(self) -> int:
        """Columns that are really used."""
        return max(NARROWEST, self.width)
