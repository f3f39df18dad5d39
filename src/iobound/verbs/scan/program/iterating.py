"""Loops of coroutine functions over objects that may wait for each item: a cursor, a file, an object of the program."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from iobound.verbs.scan.program.view import FileView, Resolved
from iobound.verbs.scan.syntax.survey import Context


def run_over(view: FileView) -> Iterator[Resolved]:
    """Objects that such loops run over, where they are known and not just made by a call."""
    for loop, context in view.found.loop_contexts.items():
        if not isinstance(loop, ast.For) or not isinstance(context.scope.function.node, ast.AsyncFunctionDef):
            continue
        if isinstance(loop.iter, ast.Name | ast.Attribute):
            meaning = view.names.meaning(loop.iter, context.scope)
            if meaning is not None and meaning.instance and not meaning.name.startswith("builtins."):
                step = view.names.attribute(meaning, "__next__" if meaning.scope is None else "__iter__")
                if step is not None:
                    yield Resolved(loop.iter, Context(context.scope, loop, context, loop), step)
