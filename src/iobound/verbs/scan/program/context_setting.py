"""Functions that set context variables and leave them set: handed over to a thread they would set them in a copy."""

from __future__ import annotations

import re
from collections.abc import Iterator

from iobound.verbs.scan.program.closeup import CloseUp, Code
from iobound.verbs.scan.program.tree import Function, Library, Tree
from iobound.verbs.scan.program.view import Resolved

_DEPTH = 3
"""Calls from a function to what sets a variable for it."""

_MOST = 60
"""Functions that are looked into for one; more are not followed."""

_CONTEXT = re.compile(rb"ContextVar|contextvars")
_SET, _RESET = "contextvars.ContextVar.set", "contextvars.ContextVar.reset"


class ContextSetting:
    """Asks functions of a program whether their callers find context variables changed."""

    def __init__(self, tree: Tree, closeup: CloseUp) -> None:
        self._tree = tree
        self._closeup = closeup
        self._known: dict[Function, bool] = {}

    def sets(self, function: Function) -> bool:
        """Whether a function, or what it calls, sets a context variable and does not put it back."""
        if function not in self._known:
            self._known[function] = self._sets(function)
        return self._known[function]

    def _sets(self, function: Function) -> bool:
        pending = [(function.module, self._tree.function(function).name, _DEPTH)]
        seen: set[tuple[int, str]] = set()
        while pending and len(seen) < _MOST:
            module, name, left = pending.pop()
            if (module, name) in seen or not self._closeup.mentions(module, _CONTEXT):
                continue
            seen.add((module, name))
            code = self._closeup.named(module, name)
            if code is None:
                continue
            called = {self._canonical(each) for each in self._closeup.calls(code)}
            if _SET in called and _RESET not in called:
                return True
            if left:
                pending.extend((*found, left - 1) for found in self._callees(code))
        return False

    def _canonical(self, call: Resolved) -> str:
        """Name of what a method called `set` or `reset` is, of an object of another file, too."""
        name = call.meaning.name
        if call.meaning.local or not name.endswith((".set", ".reset")) or name in (_SET, _RESET):
            return name
        target = self._tree.named_target(call.meaning.symbol)
        return target.name if isinstance(target, Library) else name

    def _callees(self, code: Code) -> Iterator[tuple[int, str]]:
        for each in self._closeup.calls(code):
            found = self._tree.definition(code.module, each.meaning.symbol)
            if found is not None:
                yield found
