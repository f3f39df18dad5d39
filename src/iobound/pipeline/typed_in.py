"""Code of this process that is in no file: cells of IPython and Jupyter, whose text `linecache` has.

A cell is told by the number that the user sees, `In[3]`. What it means depends on cells before it: their imports,
functions and classes. So the source of a cell is its text, and behind it whatever it needs of theirs, where no line
of it is moved.
"""

from __future__ import annotations

import ast
import math
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from iobound.model.recording import Place
    from iobound.model.source_facts import SourceFacts

ReadSource = Callable[[str], bytes | None]

_MOST_BYTES = 200_000
_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def cells() -> TypedIn | None:
    """What was typed into the shell that this process runs; None where there is no shell, or no cell."""
    shell = sys.modules.get("IPython")
    if shell is None:
        return None
    try:
        running = shell.get_ipython()
        found = {} if running is None else _numbered(running.compile.format_code_name)
    except Exception:  # another version's shell: the lines of its cells are told by their file names
        return None
    return TypedIn(found) if found else None


def _numbered(format_name: Callable[[str], tuple[str, str] | None]) -> dict[str, tuple[str, str]]:
    """By file name of a cell: what it is called, and its text; earlier cells first."""
    import linecache

    found: dict[str, tuple[str, str]] = {}
    for name, entry in list(linecache.cache.items()):
        if len(entry) == 4 and entry[1] is None and isinstance(entry[2], list):
            called = format_name(name)
            if called is not None:
                found[name] = called[1], "".join(entry[2])
    return dict(sorted(found.items(), key=lambda item: _number(item[1][0])))


def _number(called: str) -> int:
    digits = called.removeprefix("In[").removesuffix("]")
    return int(digits) if digits.isdecimal() else 0


class TypedIn:
    """The cells of one shell.

    Args:
        found: By file name of a cell: what it is called, and its text; in the order of their running.
    """

    def __init__(self, found: Mapping[str, tuple[str, str]]) -> None:
        self.names: dict[str, str] = {name: called for name, (called, _) in found.items()}
        self._texts: dict[str, str] = dict(found.values())
        self._trees: dict[str, ast.Module] = {}

    def unseen(self, command: Sequence[str], places: Sequence[Place]) -> list[Place]:
        """A place in the cell that was observed, if no look met it there: it may have awaited all the time."""
        from iobound.model.recording import Place

        (called,) = command if len(command) == 1 else ("",)
        if called not in self._texts or any(place.file == called for place in places):
            return []
        return [Place(called, "<module>", 1, 1)]

    def own(self, facts: SourceFacts) -> SourceFacts:
        """The facts without those of what stands behind a cell."""
        kept = {
            number: loop
            for number, loop in enumerate(facts.loops)
            if loop.line <= self._lines(loop.file) or any(number in loops for loops in facts.enclosing.values())
        }
        at = {number: place for place, number in enumerate(kept)}
        return facts._replace(
            loops=tuple(kept.values()),
            enclosing={place: tuple(at[loop] for loop in loops) for place, loops in facts.enclosing.items()},
            findings=tuple(finding for finding in facts.findings if finding.line <= self._lines(finding.file)),
            limits=tuple(limit for limit in facts.limits if limit.line <= self._lines(limit.file)),
        )

    def reading(self, otherwise: ReadSource) -> ReadSource:
        """A reader of sources that knows cells, too."""

        def read(file: str) -> bytes | None:
            if file not in self._texts:
                return otherwise(file)
            return self._in_full(file).encode("utf-8", "surrogatepass")

        return read

    def _lines(self, file: str) -> float:
        text = self._texts.get(file)
        return math.inf if text is None else text.count("\n") + 1

    def _in_full(self, called: str) -> str:
        """The text of a cell, and behind it what it needs of other cells."""
        own = self._texts[called]
        try:
            needed = list(self._needed(called))
        except Exception:  # too deep, or no Python: then it is read for itself
            needed = []
        behind = "\n".join(needed)
        return own if not behind or len(behind) > _MOST_BYTES else f"{own}\n\n{behind}\n"

    def _needed(self, called: str) -> Iterator[str]:
        """Statements of other cells that bind names which a cell uses and does not bind, and those that these need."""
        tree = self._tree(called)
        bound = {name for statement in tree.body for name, _ in _bindings(statement)}
        given = self._given(called)
        wanted, seen = list(_used([tree])), set(bound)
        while wanted:
            name = wanted.pop()
            if name in seen or name not in given:
                continue
            seen.add(name)
            cell, statement = given[name]
            yield _text_of(statement, self._texts[cell], name)
            wanted += _used([statement])

    def _given(self, called: str) -> dict[str, tuple[str, ast.stmt]]:
        """By name: the last statement of another cell that binds it, and that cell."""
        found: dict[str, tuple[str, ast.stmt]] = {}
        for cell in self._texts:
            if cell != called:
                for statement in self._tree(cell).body:
                    for name, worth_having in _bindings(statement):
                        found.pop(name, None)
                        if worth_having:
                            found[name] = cell, statement
        return found

    def _tree(self, called: str) -> ast.Module:
        tree = self._trees.get(called)
        if tree is None:
            try:
                tree = ast.parse(self._texts[called])
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                tree = ast.Module([], [])
            self._trees[called] = tree
        return tree


def _bindings(statement: ast.stmt) -> Iterator[tuple[str, bool]]:
    """Names that a statement binds in its module, and whether the statement says what they are."""
    if isinstance(statement, ast.Import):
        for alias in statement.names:
            yield alias.asname or alias.name.partition(".")[0], True
    elif isinstance(statement, ast.ImportFrom):
        for alias in statement.names:
            yield alias.asname or alias.name, alias.name != "*"
    elif isinstance(statement, _Definition):
        yield statement.name, True
    elif isinstance(statement, ast.Assign | ast.AnnAssign):
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        made = isinstance(statement.value, ast.Call) and len(targets) == 1
        for target in targets:
            for name in _stored(target):
                yield name, made and isinstance(target, ast.Name)
    else:
        for name in _stored(statement):
            yield name, False


def _stored(node: ast.AST) -> Iterator[str]:
    return (part.id for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store))


def _used(nodes: Iterable[ast.AST]) -> Iterator[str]:
    return (
        part.id
        for node in nodes
        for part in ast.walk(node)
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load)
    )


def _text_of(statement: ast.stmt, text: str, name: str) -> str:
    """Its source; of several imports in one statement the one that is needed."""
    if isinstance(statement, ast.Import | ast.ImportFrom):
        names = [alias for alias in statement.names if (alias.asname or alias.name.partition(".")[0]) == name]
        kept = names or statement.names
        return ast.unparse(
            ast.Import(kept)
            if isinstance(statement, ast.Import)
            else ast.ImportFrom(statement.module, kept, statement.level)
        )
    return ast.get_source_segment(text, statement) or ast.unparse(statement)
