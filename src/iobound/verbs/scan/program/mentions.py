"""Names that a file uses without saying what they are, and functions that it names nowhere."""

from __future__ import annotations

import ast
import re
from collections import Counter
from functools import cached_property

from iobound.model.finding import Span
from iobound.verbs.scan.program.view import FileView
from iobound.verbs.scan.syntax.survey import Scope

_SEARCHED = 3
"""Times that the letters of a name may stand in a file for it to be looked at closely: as a part of other names, maybe;
then a function is missed that nobody calls."""

_MOST_LOOKS = 30
"""Names that are looked for one by one, each through the whole text; for more, all words are counted once."""

_WORD = re.compile(r"\w+")


class Mentions:
    """Which names stand in the text of a file."""

    def __init__(self, view: FileView) -> None:
        self._view = view
        self._looks = 0

    @cached_property
    def _times(self) -> Counter[str]:
        """How often each word stands in the text, comments and strings included."""
        return Counter(_WORD.findall(self._text))

    @cached_property
    def _text(self) -> str:
        return "\n".join(self._view.source.lines)

    def is_named_once(self, scope: Scope) -> bool:
        """Whether a function at the top of the module is named by its definition only."""
        node = scope.node
        if scope.parent is None or scope.parent.kind != "module" or not isinstance(node, ast.FunctionDef):
            return False
        if node.decorator_list or node.name == "main":
            return False
        if self._looks < _MOST_LOOKS:
            self._looks += 1
            times = self._text.count(node.name)
            return times == 1 or (times <= _SEARCHED and self._times_alone(node.name) == 1)
        return self._times[node.name] == 1

    def _times_alone(self, name: str) -> int:
        """How often a name stands in the text, not as a part of another."""
        found, at = 0, self._text.find(name)
        while at >= 0:
            end = at + len(name)
            found += not _is_of_word(self._text[at - 1 : at]) and not _is_of_word(self._text[end : end + 1])
            at = self._text.find(name, end)
        return found

    def star_spans(self) -> tuple[Span, ...]:
        """Where the module imports with `*`, in the order of `Scope.stars`."""
        nodes = [
            node
            for node in ast.walk(self._view.found.module.node)
            if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names)
        ]
        by_name = {"." * node.level + (node.module or ""): node for node in nodes}
        return tuple(self._view.span(by_name[star]) for star in self._view.found.module.stars if star in by_name)

    def unbound(self) -> tuple[str, ...]:
        """Names that are called and that nothing in the file binds, in the order of the source."""
        names: dict[str, int] = {}
        for call, context in zip(self._view.found.calls, self._view.found.contexts, strict=True):
            func = call.func
            if isinstance(func, ast.Name) and self._view.names.holder(func.id, context.scope) is None:
                if self._view.names.name(func.id, context.scope, func.lineno) is None:
                    names[func.id] = min(func.lineno, names.get(func.id, func.lineno))
        return tuple(sorted(names, key=lambda name: (names[name], name)))


def _is_of_word(character: str) -> bool:
    return character.isalnum() or character == "_"
