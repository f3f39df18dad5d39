"""Python stacks as numbers and lines of text."""

from __future__ import annotations

import sys

from _iobound_ring import escaped

TYPE_CHECKING = False  # as in `typing`, which is too heavy for a guest
if TYPE_CHECKING:
    from types import CodeType

    from _iobound_frames import Place

MAX_NODES = 40_000


class Tables:
    """Numbers for code objects, places and stacks, each written out once."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.next_stack = self.next_place = self.next_code = 1
        self._forget()

    def _forget(self) -> None:
        self.codes: dict[CodeType, int] = {}
        self.places: dict[Place, int] = {}
        self.nodes: dict[tuple[int, CodeType, int], int] = {}
        self.names: dict[int, bool] = {}

    def clear(self) -> None:
        """Forget everything: numbers are not used again."""
        self._forget()
        self.lines[:] = ["R\n"]

    def known_threads(self) -> list[int]:
        """Idents of the threads that `threading` knows."""
        return list(getattr(sys.modules.get("threading"), "_active", ()))

    def name(self, ident: int) -> None:
        """Write the thread's name, if `threading` knows it by now."""
        threading = sys.modules.get("threading")
        thread = getattr(threading, "_active", {}).get(ident)
        facts = getattr(thread, "__dict__", {})
        name, native_id = facts.get("_name"), facts.get("_native_id")
        if type(name) is str:
            self.names[ident] = True
            self.lines.append("N\t%d\t%d\t%s\n" % (ident, native_id or 0, escaped(name)))

    def native_id(self, ident: int) -> object:
        """Number that the kernel has for a thread that `threading` knows, or whatever else stands there."""
        thread = getattr(sys.modules.get("threading"), "_active", {}).get(ident)
        return getattr(thread, "__dict__", {}).get("_native_id")

    def stack_of(self, places: list[Place]) -> int:
        """Number of the stack that has these places, innermost first."""
        nodes, stack = self.nodes, 0
        for code, lasti in reversed(places):
            key = (stack, code, lasti)
            node = nodes.get(key)
            if node is None:
                node = nodes[key] = self.next_stack
                self.next_stack += 1
                self.lines.append("S\t%d\t%d\t%d\n" % (node, stack, self._place(code, lasti)))
            stack = node
        return stack

    def _place(self, code: CodeType, lasti: int) -> int:
        key = (code, lasti)
        place = self.places.get(key)
        if place is None:
            number = self._code(code)
            place = self.places[key] = self.next_place
            self.next_place += 1
            line, end_line, column, end_column = _position(code, lasti)
            self.lines.append("P\t%d\t%d\t%d\t%d\t%d\t%d\n" % (place, number, line, column, end_line, end_column))
        return place

    def _code(self, code: CodeType) -> int:
        known = self.codes.get(code)
        if known is None:
            known = self.codes[code] = self.next_code
            self.next_code += 1
            self.lines.append(
                "C\t%d\t%s\t%s\t%d\n"
                % (known, escaped(code.co_filename), escaped(code.co_qualname), code.co_firstlineno)
            )
        return known


def _position(code: CodeType, lasti: int) -> tuple[int, int, int, int]:
    """Line and column range of the instruction, -1 for what the code object does not say."""
    index = lasti // 2
    for at, position in enumerate(code.co_positions()):
        if at == index:
            line, end_line, column, end_column = position
            return (
                line or 0,
                end_line or 0,
                -1 if column is None else column,
                -1 if end_column is None else end_column,
            )
    return code.co_firstlineno, 0, -1, -1
