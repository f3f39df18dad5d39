"""Where code stands: what stacks, facts and callers point to."""

from __future__ import annotations

from typing import NamedTuple


class Place(NamedTuple):
    """A call expression, or a line where the columns are not known.

    Attributes:
        file: Path as the code object has it.
        function: Qualified name of the function; `<module>` at top level.
        first_line: First line of the function: tells functions of one name apart.
        line: 1-based line of the expression, 0 when unknown.
        column: 0-based UTF-8 byte offset, -1 when unknown.
        end_line: Last line of the expression, 0 when unknown.
        end_column: Byte offset after it, -1 when unknown.
    """

    file: str
    function: str
    first_line: int
    line: int
    column: int = -1
    end_line: int = 0
    end_column: int = -1
