"""What is not looked at: by option, and because git ignores it."""

from __future__ import annotations

import os
from collections.abc import Collection
from typing import NamedTuple

from iobound.model.path_patterns import PathPatterns
from iobound.model.scan_options import ScanOptions

_IGNORE_FILE = ".gitignore"
_MOST_PATTERN_BYTES = 200_000
"""Of one file; a stranger's may be longer only to take our time."""


class Layer(NamedTuple):
    """Patterns, and the way from where they belong to the directory that is looked at: empty, or ending in `/`."""

    patterns: PathPatterns
    way: str

    def into(self, name: str) -> Layer:
        """The same patterns for a directory in this one."""
        return Layer(self.patterns, f"{self.way}{name}/")


class Below(NamedTuple):
    """What is excluded in one directory.

    Attributes:
        option: Of `exclude` and `extend-exclude`.
        ignores: Of the `.gitignore` files around, outermost first; the innermost that speaks of a path decides.
        respects: Whether `.gitignore` files count.
    """

    option: Layer
    ignores: tuple[Layer, ...]
    respects: bool

    def excludes(self, name: str, *, directory: bool = False) -> bool:
        """Whether something in the directory is left out."""
        if self.option.patterns.matches(self.option.way + name, directory=directory):
            return True
        for patterns, way in reversed(self.ignores):
            verdict = patterns.matches(way + name, directory=directory)
            if verdict is not None:
                return verdict
        return False

    def entered(self, folder: str, names: Collection[str]) -> Below:
        """With the directory's own `.gitignore`, if that is among the names in it."""
        if not self.respects or _IGNORE_FILE not in names:
            return self
        patterns = _patterns_in(os.path.join(folder, _IGNORE_FILE))
        return self._replace(ignores=(*self.ignores, Layer(patterns, ""))) if patterns else self

    def into(self, name: str) -> Below:
        """For a directory in this one."""
        ignores = tuple([layer.into(name) for layer in self.ignores]) if self.ignores else ()
        return Below(self.option.into(name), ignores, self.respects)


class Exclusion:
    """What the options exclude.

    Args:
        options: With the patterns, and the directory that they belong to.
    """

    def __init__(self, options: ScanOptions) -> None:
        self._patterns = PathPatterns((*options.exclude, *options.extend_exclude))
        self._root = os.path.abspath(options.root)
        self._respects = options.respect_gitignore

    def below(self, top: str) -> Below:
        """For a directory that was named: it is looked at even if it is excluded itself.

        Args:
            top: Its absolute path. Where git ignores it, what git says of the directories around it no longer counts.
        """
        way = os.path.relpath(top, self._root).replace(os.sep, "/")
        outside = way == os.pardir or way.startswith("../") or way == os.curdir
        option = Layer(self._patterns, "" if outside else f"{way}/")
        ignores = self._around(top) if self._respects else ()
        if _covered(ignores):
            ignores = ()
        return Below(option, ignores, self._respects)

    def of_file(self, path: str) -> bool:
        """Whether a file would have been left out if the directory of the project had been named.

        Args:
            path: Absolute.
        """
        folder, name = os.path.split(path)
        below = self.below(folder)
        if self._patterns.cover(below.option.way + name):
            return True
        ignores = self._around(folder) if self._respects else ()
        here = Below(below.option, ignores, self._respects).entered(folder, (_IGNORE_FILE,))
        return _covered(ignores) or here.excludes(name)

    def _around(self, top: str) -> tuple[Layer, ...]:
        """Patterns of the directories between the repository's and this one, its own excepted."""
        repository = _repository(top)
        if repository is None:
            return ()
        layers = [Layer(_patterns_in(os.path.join(repository, ".git", "info", "exclude")), "")]
        way = os.path.relpath(top, repository).replace(os.sep, "/")
        layers = [layer._replace(way="" if way == os.curdir else f"{way}/") for layer in layers]
        folder = repository
        while way and way != os.curdir:
            layers.append(Layer(_patterns_in(os.path.join(folder, _IGNORE_FILE)), f"{way}/"))
            first, _, way = way.partition("/")
            folder = os.path.join(folder, first)
        return tuple(layer for layer in layers if layer.patterns)


def _covered(layers: tuple[Layer, ...]) -> bool:
    """Whether the directory that the layers lead to is ignored, or one around it: decided from the outermost on."""
    deepest = max((layer.way.count("/") for layer in layers), default=0)
    for depth in range(deepest, 0, -1):
        for patterns, way in reversed(layers):
            parts = way.split("/")[:-1]
            if len(parts) < depth:
                continue
            verdict = patterns.matches("/".join(parts[: len(parts) - depth + 1]), directory=True)
            if verdict:
                return True
            if verdict is False:
                break
    return False


def _repository(folder: str) -> str | None:
    while True:
        if os.path.exists(os.path.join(folder, ".git")):
            return folder
        parent = os.path.dirname(folder)
        if parent == folder:
            return None
        folder = parent


def _patterns_in(path: str) -> PathPatterns:
    """Patterns of a file; none where it cannot be read: then nothing is left out."""
    try:
        if not os.path.isfile(path):
            return PathPatterns(())
        with open(path, "rb") as file:
            content = file.read(_MOST_PATTERN_BYTES)
            if file.read(1):
                content = content[: content.rfind(b"\n") + 1]
    except OSError:
        return PathPatterns(())
    return PathPatterns(os.fsdecode(content.removeprefix(b"\xef\xbb\xbf")).split("\n"))
