"""What is read of one file: all of the user's own code, only the functions in question of anybody else's."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from iobound.model.origin import is_own_code
from iobound.model.recording import Place
from iobound.verbs.scan.calls import Calls
from iobound.verbs.scan.catalogue.lookup import Catalogue
from iobound.verbs.scan.syntax.names import Names
from iobound.verbs.scan.syntax.sources import Source, parse_block, parse_imports, parse_whole, statement_start
from iobound.verbs.scan.syntax.survey import Scope, Survey, survey


class Part:
    """A surveyed file, or one function of it."""

    def __init__(self, source: Source, found: Survey, catalogue: Catalogue) -> None:
        self.source = source
        self.found = found
        self.names = Names(found, catalogue)
        self.calls = Calls(source, found, self.names, catalogue)
        self._scopes: dict[tuple[int, str], list[Scope]] = {}
        for scope in found.scopes:
            self._scopes.setdefault((scope.first_line, scope.name.rpartition(".")[2]), []).append(scope)

    def scope_of(self, place: Place) -> Scope | None:
        """The scope that a place says it is in, None when the source does not have it there (any more)."""
        if place.function == "<module>":
            return self.found.module
        alike = self._scopes.get((place.first_line, place.function.rpartition(".")[2]), [])
        around = [scope for scope in alike if _covers(scope, place)]
        return next(iter(around or alike), None)


def _covers(scope: Scope, place: Place) -> bool:
    start = getattr(scope.node, "lineno", 0), getattr(scope.node, "col_offset", 0)
    end = getattr(scope.node, "end_lineno", 0), getattr(scope.node, "end_col_offset", 0)
    return start <= (place.line, max(place.column, 0)) <= end or place.column < 0


class Reading:
    """One file, parsed as far as its places need it."""

    def __init__(self, file: str, source: Source, catalogue: Catalogue) -> None:
        self.source = source
        self.is_own = is_own_code(file)
        self._catalogue = catalogue
        self._whole: Part | None = None
        self._whole_tried = False
        self._blocks: dict[int, Part | None] = {}
        self._imports: Sequence[ast.stmt] | None = None

    def find(self, place: Place) -> tuple[Part, Scope] | None:
        """The part of the file that a place is in, and its scope there."""
        if not self.is_own and (found := self._in(self._block(place), place)):
            return found
        return self._in(self.whole(), place)

    @staticmethod
    def _in(part: Part | None, place: Place) -> tuple[Part, Scope] | None:
        scope = part.scope_of(place) if part is not None else None
        return (part, scope) if part is not None and scope is not None else None

    def whole(self) -> Part | None:
        """The whole file, None when it cannot be parsed."""
        if not self._whole_tried:
            self._whole_tried = True
            tree = parse_whole(self.source)
            self._whole = None if tree is None else Part(self.source, survey(tree), self._catalogue)
        return self._whole

    def _block(self, place: Place) -> Part | None:
        if self._whole is not None:
            return self._whole
        at_top = place.function == "<module>"
        line = statement_start(self.source, min(place.line, len(self.source.lines))) if at_top else place.first_line
        if line not in self._blocks:
            within = "" if at_top else place.function.rpartition(".")[0]
            tree = parse_block(self.source, line)
            self._blocks[line] = None
            if tree is not None:
                found = survey(tree, within=within, imports=self._known())
                self._blocks[line] = Part(self.source, found, self._catalogue)
        return self._blocks[line]

    def _known(self) -> Sequence[ast.stmt]:
        if self._imports is None:
            self._imports = parse_imports(self.source)
        return self._imports
