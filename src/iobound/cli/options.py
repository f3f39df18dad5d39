"""Options: parsed by argparse, with defaults from `[tool.iobound]` of the nearest pyproject.toml."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from iobound.errors import UsageError
from iobound.pipeline import TEXT, ReportWish


class Parser(argparse.ArgumentParser):
    """An argparse parser whose complaints are our errors."""

    def error(self, message: str) -> NoReturn:
        """Raise what argparse would print."""
        raise UsageError(message, hint=f"`{self.prog} --help` lists the options")


def add_report_options(parser: argparse.ArgumentParser) -> None:
    """The options of every command that reports."""
    group = parser.add_argument_group("report")
    group.add_argument(
        "--report",
        metavar="FORMAT[:PATH]",
        action="append",
        help="what to write, and where to; repeatable; an unknown format lists those that there are (default: text)",
    )
    group.add_argument(
        "--tree",
        metavar="STATE",
        nargs="?",
        const="all",
        help="add the call tree, of one state (such as wait_network), several with commas, or all",
    )
    group.add_argument("--width", metavar="COLUMNS", type=positive_int, help="columns of the text report")
    group.add_argument(
        "--workers", metavar="N", type=positive_int, action="append", help="pool size to predict; repeatable"
    )


def wishes(given: Sequence[str] | None) -> tuple[ReportWish, ...]:
    """`--report` as given; the text report when nothing was asked for.

    Raises:
        UsageError: A format is unknown or a path cannot be written.
    """
    if not given:
        return (TEXT,)
    found = []
    for text in given:
        format_, separator, path = text.partition(":")
        if separator and not path:
            raise UsageError(f"--report {text} names no file", hint=f"write --report {format_}:FILE")
        wish = ReportWish(format_, path or None)
        wish.require_possible()
        found.append(wish)
    return tuple(found)


def positive_int(text: str) -> int:
    """A whole number from 1 on."""
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 on")
    return number


def positive_float(text: str) -> float:
    """A number above 0."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < 1e9:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
    return number


def share(text: str) -> float:
    """A number above 0 and at most 1."""
    number = positive_float(text)
    if number > 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a share above 0 and up to 1")
    return number


def from_project(parser: argparse.ArgumentParser) -> list[str]:
    """Options that the nearest pyproject.toml sets, as words of a command line; the given ones come after and win.

    Raises:
        UsageError: The file cannot be read as TOML, or has an option that there is not.
    """
    file, table = _project_table()
    known = {action.dest: action for action in parser._actions if action.option_strings}
    words: list[str] = []
    for key, value in table.items():
        if isinstance(value, dict):
            continue  # another command's table
        action = known.get(key.replace("-", "_"))
        if action is None:
            if key not in _OTHER_COMMANDS:
                raise UsageError(
                    f"{file}: no option is called {key!r} in [tool.iobound]",
                    hint=f"`{parser.prog} --help` lists the options",
                )
            continue
        option = action.option_strings[-1]
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, bool):
                words += [option] if item else []
            else:
                words.append(f"{option}={item}")
    return words


_OTHER_COMMANDS = frozenset(
    {"report", "tree", "width", "workers", "rate", "max-overhead", "check", "timeout", "save", "portable"}
)


def _project_table() -> tuple[str, dict[str, object]]:
    try:
        here = Path.cwd()
    except OSError:  # the working directory has been removed
        return "", {}
    for folder in (here, *here.parents):
        file = folder / "pyproject.toml"
        try:
            content = file.read_bytes()
        except OSError:
            continue
        if b"tool.iobound" not in content:
            return str(file), {}
        import tomllib

        try:
            table = tomllib.loads(content.decode()).get("tool", {}).get("iobound", {})
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise UsageError(f"cannot read {file}: {error}", hint="mend it, or run elsewhere") from error
        return str(file), table if isinstance(table, dict) else {}
    return "", {}
