"""Where things of a run stand: names of files for code hosts, lines, and the function that a line is in."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from iobound.model.breakdown import Site
from iobound.model.diagnosis import Diagnosis
from iobound.model.origin import is_cell
from iobound.verbs.report import measured, paths, words
from iobound.verbs.report.records.roots import Roots, is_outside, rooted

Where = dict[str, Any]
"""Fields of a `Record`: path, place, line and function, those that are known."""


class Folder:
    """The folder that names of files are told from, and where those files are in the repository.

    Args:
        cwd: The folder: the working directory of a run, the root of a suite; empty for where somebody is now.
        roots: Of the machine that writes the report, which may be another than the run was on.
    """

    def __init__(self, cwd: str, roots: Roots) -> None:
        self._cwd = cwd
        self._roots = Roots(cwd or roots.cwd, roots.repository)

    def path(self, file: str) -> str:
        """The name of a file from the root of the repository; empty where it is none, as of code that was typed in.

        A recording may come from another machine: then names from its working directory are the best there are.
        """
        if not file or file.startswith("<") or is_cell(file):
            return ""
        return paths.relative(rooted(file, self._roots), self._cwd)

    @property
    def home(self) -> str:
        """The file that stands for all that is in no file of the repository; empty where there is none."""
        return ""

    def named(self, file: str) -> str:
        """A name of a file that it has in every checkout: without its folder where that is none of the repository."""
        path = self.path(file)
        return path.rpartition("/")[2] if is_outside(path) else path

    def at(self, file: str, line: int, end_line: int | None = None) -> Where:
        """A line of a file; 0 where only the file is known.

        Code hosts have no page for a line of a library: such stands in `home`, and says in words where it is.
        """
        path, place = self.path(file), words.place(file, line, self._cwd)
        if is_outside(path) and (self._roots.repository or paths.is_of_library(file)):
            return {"path": self.home, "place": place, "line": None, "end_line": None}
        return {"path": path, "place": place, "line": line if line > 0 else None, "end_line": end_line}


class Places(Folder):
    """Places of one run.

    Args:
        diagnosis: Of the run.
        roots: Of the machine that writes the report.
    """

    def __init__(self, diagnosis: Diagnosis, roots: Roots) -> None:
        super().__init__(diagnosis.recording.cwd, roots)
        self._diagnosis = diagnosis

    def at(self, file: str, line: int, end_line: int | None = None) -> Where:
        """A line of a file, and the function that it is in, where a look has found that running."""
        where = super().at(file, line, end_line)
        function = self._function(file, line, line if end_line is None else end_line)
        return {**where, "function": function} if function else where

    def site(self, site: Site) -> Where:
        """A site; its function is known whatever was seen."""
        return {**self.at(site.file, site.line), "function": site.function}

    @property
    def home_record(self) -> Where:
        """What is about the whole program stands in its first file, at no line."""
        return {"path": self.home}

    @cached_property
    def home(self) -> str:
        """The script that was run, or the file of the module; where neither is known the file of most time; else empty.

        Which file takes most of the time may change from run to run, and one outside of the repository is nowhere.
        """
        first = self._diagnosis.recording.command[:1]
        if first and first[0].endswith(".py"):
            return self.path(first[0])
        hotspots = measured.at_one_line(self._diagnosis.breakdown.hotspots)
        found = (self.path(file) for file in (*self._of_module(), *(spot.file for spot in hotspots)))
        return next((path for path in found if path and not is_outside(path)), "")

    def _of_module(self) -> Iterator[str]:
        """Files of the module that was run with `-m`; all that was seen running has one of them outermost."""
        if not "".join(self._diagnosis.recording.command[:1]).startswith("-m"):
            return
        parts = self.subject.replace(".", "/")
        for place in self._diagnosis.recording.places:
            if place.file.replace("\\", "/").endswith((f"/{parts}.py", f"/{parts}/__main__.py")):
                yield place.file

    @property
    def subject(self) -> str:
        """What was run, by a name that it has in every checkout: its script or module; empty for typed code."""
        first, *others = self._diagnosis.recording.command or ("",)
        if first.startswith("-m"):
            return first.removeprefix("-m") or "".join(others[:1])
        return "" if first.startswith("-") else self.named(first)

    def _function(self, file: str, line: int, end_line: int) -> str:
        inside = (function for at, function in self._functions.get(file, ()) if line <= at <= end_line)
        return next(inside, "")

    @cached_property
    def _functions(self) -> dict[str, list[tuple[int, str]]]:
        """Lines that were seen running with their functions, by file and in order."""
        found: dict[str, list[tuple[int, str]]] = {}
        for place in self._diagnosis.recording.places:
            found.setdefault(place.file, []).append((place.line, place.function))
        return {file: sorted(lines) for file, lines in found.items()}
