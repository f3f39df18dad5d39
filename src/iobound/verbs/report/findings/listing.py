"""Findings as every format needs them: one record each, with place, columns from 1, and a fingerprint."""

from __future__ import annotations

import re
from collections import Counter
from typing import NamedTuple

from iobound.model.finding import Finding, RuleNote, ScanResult, Severity
from iobound.verbs.report import paths

_ABSOLUTE = r"/|[A-Za-z]:/"


class Roots(NamedTuple):
    """Absolute folders that names of files are told from; empty where they are not known.

    Attributes:
        cwd: What relative names of files start from.
        repository: Root of the repository, that code hosts name files from.
    """

    cwd: str = ""
    repository: str = ""


class Record(NamedTuple):
    """A finding with what follows from it.

    Attributes:
        path: Name of the file from the root of the repository, where that is known.
        column: Where it begins, from 1 in characters.
        end_column: After its last character, from 1.
        fingerprint: 32 hexadecimal digits that stay the same while the code around it moves; no two records share one.
        note: What its rule says of itself, None where the rule is not known.
    """

    finding: Finding
    path: str
    column: int
    end_column: int
    fingerprint: str
    note: RuleNote | None

    @property
    def place(self) -> str:
        """File, cell of a notebook, line and column, as editors take them."""
        finding = self.finding
        cell = "" if finding.cell is None else f"cell {finding.cell}:"
        return f"{finding.file}:{cell}{finding.line}:{self.column}"

    @property
    def in_cell(self) -> str:
        """Where it is in a notebook, for formats that have no cells: their lines are lines of the file."""
        finding = self.finding
        return "" if finding.cell is None else f"cell {finding.cell}, line {finding.line}: "

    @property
    def help(self) -> str:
        """The next step."""
        fix = self.finding.fix
        return self.finding.hint or (fix.title if fix is not None else "")

    @property
    def sentences(self) -> str:
        """Message and next step in one text, for formats that show no more than that."""
        message = f"{self.in_cell}{self.finding.message}"
        if not self.help:
            return message
        return f"{message}{'' if message.endswith(('.', '!', '?')) else '.'} Help: {self.help}"

    @property
    def fixable(self) -> bool:
        """Whether `--fix` settles it."""
        return self.finding.fix is not None and self.finding.fix.safe

    @property
    def rule_name(self) -> str:
        """The rule in words with hyphens; empty where it is not known."""
        return "" if self.note is None else self.note.name


class Listing(NamedTuple):
    """Everything that a format can write."""

    result: ScanResult
    records: tuple[Record, ...]

    def worst_first(self) -> list[Record]:
        """By severity, then by weight; a weight that is not known comes last."""
        return sorted(self.records, key=_worth, reverse=True)

    def count(self, severity: Severity) -> int:
        """How many findings are of this severity."""
        return sum(record.finding.severity is severity for record in self.records)


def _worth(record: Record) -> tuple[int, float]:
    weight_s = record.finding.weight_s
    return record.finding.severity.rank, -1.0 if weight_s is None else weight_s


def listing_of(result: ScanResult, roots: Roots) -> Listing:
    """The result with a record for each finding, in their order."""
    seen: Counter[tuple[str, ...]] = Counter()
    records = []
    for finding in result.findings:
        path = rooted(finding.file, roots)
        key = (finding.rule, path, finding.function)
        records.append(
            Record(
                finding=finding,
                path=path,
                column=finding.span.column + 1,
                end_column=finding.span.end_column + 1,
                fingerprint=_fingerprint(*key, str(seen[key])),
                note=result.rules.get(finding.rule),
            )
        )
        seen[key] += 1
    return Listing(result, tuple(records))


def _fingerprint(*parts: str) -> str:
    """Lengths go first, so that no two different lists of parts run together into one text."""
    import hashlib  # which a run that scans nothing does without

    text = "".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def rooted(file: str, roots: Roots) -> str:
    """The name of a file from the root of the repository, without `.` and `..` where they can be resolved.

    Example:
        >>> rooted("./src/../app.py", Roots("/home/ann/project/web", "/home/ann/project"))
        'web/app.py'
        >>> rooted("./app.py", Roots())
        'app.py'
    """
    if roots.cwd and roots.repository and not re.match(_ABSOLUTE, file) and file != "-":
        file = f"{roots.cwd}/{file}"
    file = _normal(file)
    return paths.relative(file, _normal(roots.repository)) if roots.repository else file


def _normal(path: str) -> str:
    kept: list[str] = []
    for part in path.split("/"):
        if part == ".." and kept and kept[-1] not in ("", ".."):
            kept.pop()
        elif part != "." and (part or not kept):
            kept.append(part)
    return "/".join(kept) or path
