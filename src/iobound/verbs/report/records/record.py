"""What every format for machines and code hosts writes, whatever it is of: a listing of records.

`of_scan`, `of_run`, `of_suite` and `of_comparison` make one; each format is one file that renders any of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from iobound.model.finding import Confidence, Fix, RuleNote, Severity, Step
from iobound.verbs.report.blocks import Section


class Kind(StrEnum):
    """What a listing is of."""

    SCAN = "scan"
    RUN = "run"
    SUITE = "suite"
    COMPARISON = "compare"


class Record(NamedTuple):
    """One thing that a report says, with all that any format needs of it. Texts are data: formats make them harmless.

    Attributes:
        rule: Id that stays the same from run to run, such as `IOB101` or `advice-threads`.
        severity: How bad it is; the most of what a code host is to make of it.
        message: What, and why it counts; one line.
        fingerprint: 32 hexadecimal digits that stay the same while the code around it moves; no two records of a
            listing share one.
        name: The rule in words with hyphens; empty where it has none.
        title: What it is headed by, such as what to do and what that gains; rule and name unless it is given.
        case: What it is known by from run to run, wherever it then stands, as a check by what was asked: what a list of
            tests calls it. Rule, file and function unless it is given.
        topic: What stands for the rule there, where the rule is by what was measured, as which advice is the best.
        help: The next step; one line.
        path: Name of the file from the root of the repository, where that is known; `-` for standard input; empty
            where it is about no file.
        place: File, cell, line and column as editors take them, from the working directory; empty without a file.
        line: From 1; of a notebook in the cell; None where only the file is known.
        column: Where it begins, from 1 in characters; None where only the line is known.
        end_line: Its last line; None where it is not known.
        end_column: After its last character, from 1.
        cell: Number of the notebook's cell, from 1; None outside of notebooks.
        function: Qualified name of what it is in.
        fails: Whether a list of tests shows it as a failure.
        passed: Whether it says that something holds: a test that passes, and nothing that a code host shows in source.
        tabled: Whether a section of the listing tells it, so that a page with all sections does not tell it again.
        worth: What it is worth beside others of its severity, more first; None where that is not known.
        confidence: How sure it is; None where that says nothing, as of what was measured.
        numbers: What was measured, by name; None where it is not known.
        chain: Calls that lead from the place to what waits or computes.
        snippet: The text of the place, where it lies in one line.
        suggestion: Code that shows the change.
        fix: A change that settles it.
    """

    rule: str
    severity: Severity
    message: str
    fingerprint: str
    name: str = ""
    title: str = ""
    case: str = ""
    topic: str = ""
    help: str = ""
    path: str = ""
    place: str = ""
    line: int | None = None
    column: int | None = None
    end_line: int | None = None
    end_column: int | None = None
    cell: int | None = None
    function: str = ""
    fails: bool = False
    passed: bool = False
    tabled: bool = False
    worth: float | None = None
    confidence: Confidence | None = None
    numbers: Mapping[str, str | float | None] = {}
    chain: tuple[Step, ...] = ()
    snippet: str = ""
    suggestion: str = ""
    fix: Fix | None = None

    @property
    def known_by(self) -> tuple[str, ...]:
        """What it is told from others by, in this run and the next."""
        return (self.case,) if self.case else (self.topic or self.rule, self.own_file, self.function)

    @property
    def own_file(self) -> str:
        """The file that it is in; empty where that only stands for the whole, and may be another in the next run."""
        return "" if self.case or self.line is None else self.path

    @property
    def heading(self) -> str:
        """Its title, or else its rule with the name."""
        return self.title or f"{self.rule} {self.name}".strip()

    @property
    def in_cell(self) -> str:
        """Where it is in a notebook, for formats that have no cells: their lines are lines of the file."""
        return "" if self.cell is None else f"cell {self.cell}, line {self.line}: "

    @property
    def sentences(self) -> str:
        """Message and next step in one text, for formats that show no more than that."""
        message = f"{self.in_cell}{self.title and f'{self.title} - '}{self.message}"
        if not self.help:
            return message
        return f"{message}{'' if message.endswith(('.', '!', '?')) else '.'} Help: {self.help}"

    @property
    def fixable(self) -> bool:
        """Whether `--fix` settles it."""
        return self.fix is not None and self.fix.safe


class Detail(NamedTuple):
    """One fact for a log, which has a line for it.

    Attributes:
        word: What the line begins with: one of `log.WORDS`.
        text: The fact, without a full stop.
        place: File and line as editors take them; empty where it has none.
    """

    word: str
    text: str
    place: str = ""


class Listing(NamedTuple):
    """Everything that a format can write.

    Attributes:
        of: What it is of.
        subject: What was run or tested: the script or folder from the root of the repository, the module; the same from
            run to run. Empty where it has no name, and of a scan.
        headline: Sentences without a full stop; the first says the most: the verdict of a run, the counts of a scan.
        records: In the order in which people read them.
        notes: What rules say of themselves, by id.
        facts: What stands below the headline: labels, and what they say.
        sections: Tables that the records rest on.
        remarks: What was not seen, and what else limits all of this; sentences without a full stop.
        numbers: Of the whole: shares by state, seconds, what it is bound by.
        on_page: Whether the summary page of the CI step has it, as Markdown.
        details: What a log says beside the records, largest of each word first.
    """

    of: Kind
    headline: tuple[str, ...]
    records: tuple[Record, ...] = ()
    notes: Mapping[str, RuleNote] = {}
    facts: tuple[tuple[str, str], ...] = ()
    sections: tuple[Section, ...] = ()
    remarks: tuple[str, ...] = ()
    numbers: Mapping[str, str | float | None] = {}
    details: tuple[Detail, ...] = ()
    subject: str = ""
    on_page: bool = False

    @property
    def option(self) -> str:
        """The option that writes it in another format."""
        return "--iobound-report" if self.of is Kind.SUITE else "--report"

    @property
    def whole(self) -> str:
        """Where what a format has no room for is; a clause."""
        return f"`{self.option} json:FILE` has all"

    @property
    def name(self) -> str:
        """What made it, as `iobound scan`."""
        return f"iobound {self.of.value}"

    def worst_first(self) -> list[Record]:
        """By severity, then by what they are worth; what that is not known of comes last. Without what holds."""
        return sorted((record for record in self.records if not record.passed), key=_worth, reverse=True)

    def count(self, severity: Severity) -> int:
        """How many records are of this severity."""
        return sum(record.severity is severity for record in self.records)


def _worth(record: Record) -> tuple[int, float]:
    return record.severity.rank, -1.0 if record.worth is None else record.worth
