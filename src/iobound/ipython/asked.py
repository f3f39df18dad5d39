"""What stands on the line of a magic: our options first, then the statement as it was written."""

from __future__ import annotations

import argparse
import math
import re
from collections.abc import Sequence
from typing import NamedTuple, NoReturn

from iobound import pipeline
from iobound.errors import UsageError
from iobound.pipeline import ReportWish
from iobound.pipeline.wishes import wishes

MAGIC = "iobound"

_MOST_WORKERS = 1_000_000
_LEAST_HZ, _MOST_HZ = 0.01, 1000.0
_WORD = re.compile(r"""\s*((?:"[^"]*"|'[^']*'|[^\s"'])+)""")
_BLANK = "\n"


class Wanted(NamedTuple):
    """The options of one magic.

    Attributes:
        workers: Pool sizes to predict.
        reports: What to show or write; empty for what the front end shows best.
        gives_report: Whether the magic's value is the report.
        quiet: Whether nothing is shown.
        save: Where to keep the recording, or None.
        rate: Looks a second.
        max_overhead: Largest share of one CPU that looking may take.
    """

    workers: tuple[int, ...] = pipeline.WORKERS
    reports: tuple[ReportWish, ...] = ()
    gives_report: bool = False
    quiet: bool = False
    save: str | None = None
    rate: float = 150.0
    max_overhead: float = 0.01


class Asked(NamedTuple):
    """A cell, or a single line, that is to be observed as a whole; `body` is what IPython runs."""

    wanted: Wanted
    body: list[str]


class HelpAsked(Exception):
    """`--help` stands on the line; the text is the answer."""


def asked(lines: Sequence[str]) -> Asked | None:
    """A cell that is one magic of ours, from `%%iobound` or `%iobound` to its end; None for every other.

    A cell whose options are wrong is none: the magic itself says what is wrong, and runs nothing.

    Args:
        lines: Of the cell as it was typed, without empty lines and prompts before it.

    Example:
        >>> asked(["%%iobound -w 4\\n", "f()\\n"]).body, asked(["%iobound f()\\n"]).body, asked(["f()\\n"])
        (['\\n', 'f()\\n'], ['f()\\n'], None)
    """
    if not lines:
        return None
    sign, _, rest = lines[0].partition(MAGIC)
    if sign not in ("%", "%%") or rest[:1].strip() or (sign == "%" and _says_something(lines[1:])):
        return None
    try:
        wanted, statement = read(rest)
    except (UsageError, HelpAsked):
        return None
    if sign == "%":
        return Asked(wanted, [statement.rstrip("\n") + "\n"]) if statement.strip() else None
    if statement.strip() or not _says_something(lines[1:]):
        return None
    begins_magic = lines[1].startswith("%%")  # which IPython looks for in the first line
    return Asked(wanted, [*(() if begins_magic else (_BLANK,)), *lines[1:]])


def _says_something(lines: Sequence[str]) -> bool:
    return any(line.strip() for line in lines)


def read(line: str) -> tuple[Wanted, str]:
    """Options, and the statement after them.

    Args:
        line: What follows the name of the magic.

    Raises:
        UsageError: An option is wrong.
        HelpAsked: The user wants to know what there is.

    Example:
        >>> wanted, statement = read("-w 4 -w 8 crawl('a  b')")
        >>> wanted.workers, statement
        ((4, 8), "crawl('a  b')")
    """
    words, statement = _split(line)
    parser = _parser()
    given = parser.parse_args(words)
    if given.help:
        raise HelpAsked(parser.format_help())
    reports = wishes(given.report) if given.report else ()
    if given.save is not None:
        ReportWish("text", given.save).require_possible()
    return (
        Wanted(
            workers=tuple(sorted(set(given.workers or pipeline.WORKERS))),
            reports=reports,
            gives_report=given.gives_report,
            quiet=given.quiet,
            save=given.save,
            rate=given.rate,
            max_overhead=given.max_overhead,
        ),
        statement,
    )


def _split(line: str) -> tuple[list[str], str]:
    """Words up to the first that is no option nor the value of one, and the rest as it stands."""
    words: list[str] = []
    at, wants_value = 0, False
    while (found := _WORD.match(line, at)) is not None:
        word = found[1]
        if word == "--" and not wants_value:
            at = found.end()
            break
        if not wants_value and not re.match(r"--?[A-Za-z]", word):
            break
        words.append(re.sub("[\"']", "", word))
        at = found.end()
        wants_value = not wants_value and word in _WITH_VALUE
    return words, line[at:].lstrip(" \t")


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        unknown = message.removeprefix("unrecognized arguments: ")
        if unknown == message:
            raise UsageError(message, hint=f"%{MAGIC} --help lists the options")
        raise UsageError(f"no option is called {unknown.split()[0]}", hint=f"%{MAGIC} --help lists the options")


_WITH_VALUE = frozenset({"-w", "--workers", "-r", "--report", "--save", "--rate", "--max-overhead"})


def _parser() -> _Parser:
    parser = _Parser(
        prog=f"%{MAGIC}",
        usage=f"%%{MAGIC} [options] statement\n       %%%%{MAGIC} [options]\n       cell",  # argparse takes one % away
        description="Run a statement or a cell as IPython would, and say what it is bound by and what would help.",
        allow_abbrev=False,
        add_help=False,
    )
    say = parser.add_argument
    say("-w", "--workers", metavar="N", type=_workers, action="append", help="pool size to predict; repeatable")
    say(
        "-r",
        "--report",
        metavar="FORMAT[:PATH]",
        action="append",
        help="what to show, or to write to a file; repeatable; an unknown format lists those that there are",
    )
    say("-o", dest="gives_report", action="store_true", help="the value is the report, an iobound.Report")
    say("-q", "--quiet", action="store_true", help="show nothing")
    say("--save", metavar="FILE.iob", help="keep the recording, for `iobound report`")
    say("--rate", metavar="HZ", type=_rate, default=150.0, help="looks a second, up to 1000 (default %(default)g)")
    say(
        "--max-overhead",
        metavar="SHARE",
        type=_share,
        default=0.01,
        help="largest share of one CPU that looking may take (default %(default)g)",
    )
    say("-h", "--help", action="store_true", help="show this text")
    return parser


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _workers(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= _MOST_WORKERS:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 to {_MOST_WORKERS}")
    return int(text)


def _rate(text: str) -> float:
    if not _LEAST_HZ <= _number(text) <= _MOST_HZ:
        said = f"{text!r} is not a number of looks per second from {_LEAST_HZ} to {_MOST_HZ:g}"
        raise argparse.ArgumentTypeError(said)
    return float(text)


def _share(text: str) -> float:
    if not 0 < _number(text) <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a share above 0 and up to 1")
    return float(text)
