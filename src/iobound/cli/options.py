"""Options: parsed by argparse, with defaults from `[tool.iobound]` of the nearest pyproject.toml."""

from __future__ import annotations

import argparse
import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from iobound.errors import UsageError
from iobound.model.state import State
from iobound.pipeline import ReportWish


class Parser(argparse.ArgumentParser):
    """An argparse parser whose complaints are our errors."""

    def error(self, message: str) -> NoReturn:
        """Raise what argparse would print; of words that it does not know it names the first, not all that follow."""
        first, *_ = message.removeprefix("unrecognized arguments: ").split() or [""]
        if first == message or not message.startswith("unrecognized arguments: "):
            raise UsageError(message, hint=f"`{self.prog} --help` lists the options")
        if first.startswith("-"):
            raise UsageError(f"no option is called {first.partition('=')[0]}", hint=self._alike(first))
        raise UsageError(f"unexpected argument {first!r}", hint=f"`{self.prog} --help` says more")

    def _alike(self, option: str) -> str:
        import difflib  # only the mistaken need it

        known = [name for action in self._actions for name in action.option_strings]
        found = difflib.get_close_matches(option.partition("=")[0], known, n=1)
        return f"did you mean {found[0]}?" if found else f"`{self.prog} --help` lists the options"


def require_apart(found: Sequence[ReportWish], *others: str | None) -> None:
    """Make sure that no report is written over another, over the recording, or over what is run or read.

    Raises:
        UsageError: Two of them are one file.
    """
    paths = [*(path for path in others if path is not None), *(wish.path for wish in found if wish.path is not None)]
    seen: set[str] = set()
    for path in paths:
        real = _real(path)
        if real in seen:
            raise UsageError(f"{path} would be written over", hint="give every file a name of its own")
        seen.add(real)


def _real(path: str) -> str:
    try:
        return os.path.realpath(path)
    except OSError:  # the working directory has been removed; whole paths lead somewhere all the same
        return path


MOST = 1_000_000
"""Largest whole number that an option takes."""


def add_report_options(parser: argparse.ArgumentParser) -> None:
    """The options of every command that reports."""
    group = parser.add_argument_group("report")
    group.add_argument(
        "--report",
        metavar="FORMAT[:PATH]",
        action="append",
        help="what to write, and where to; repeatable; an unknown format lists those that there are "
        "(default: text, in a CI system log)",
    )
    group.add_argument(
        "--tree",
        metavar="STATE",
        nargs="?",
        const="all",
        help="add the call tree, of one state (such as wait_network), several with commas, or all",
    )
    group.add_argument("--width", metavar="COLUMNS", type=positive_int, help="columns of the text report")
    add_ci_option(group)
    group.add_argument(
        "--workers", metavar="N", type=positive_int, action="append", help="pool size to predict; repeatable"
    )
    add_check_option(group, "'bound=io' or 'wait_sleep<5%%'")


def add_check_option(group: argparse._ActionsContainer, examples: str) -> None:
    """The option of gates, which `pipeline.gating` reads."""
    group.add_argument(
        "--check",
        metavar="EXPR",
        action="append",
        help=f"exit with 1 unless this holds of the JSON report, such as {examples}; repeatable",
    )


def add_finding_options(parser: argparse.ArgumentParser) -> None:
    """The options of `iobound scan` that say how findings are told; `wishes` reads its `--report`."""
    group = parser.add_argument_group("report")
    group.add_argument(
        "--report",
        metavar="FORMAT[:PATH]",
        action="append",
        help="what to write, and where to; repeatable; text (default), log (default in a CI system), json, github, "
        "gitlab, sarif, junit, markdown",
    )
    add_ci_option(group)
    group.add_argument("--concise", action="store_true", help="one line of text for each finding, without its source")
    group.add_argument("--width", metavar="COLUMNS", type=positive_int, help="columns of the text report")


def add_ci_option(group: argparse._ArgumentGroup) -> None:
    """What keeps a command to itself."""
    group.add_argument(
        "--no-ci", action="store_true", help="no annotations and no summary of the step, even in GitHub Actions"
    )


def tree_words(words: Sequence[str], at: int) -> int:
    """How many words a `--tree` at this place takes: two if a state follows it, one if a file or an option does.

    A word that can be no file is taken for a state, so that a misspelled one is told as such.
    """
    following = words[at + 1] if at + 1 < len(words) else "-"
    if following == "all" or following.split(",", maxsplit=1)[0] in set(State):
        return 2
    return 1 if following.startswith("-") or set("./\\") & set(following) or os.path.exists(following) else 2


def positive_int(text: str) -> int:
    """A whole number from 1 to a million: more columns or workers mean nothing, and would take for ever."""
    try:
        number = int(text)
    except ValueError:
        number = 0
    if not 1 <= number <= MOST:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 to {MOST}")
    return number


def positive_float(text: str) -> float:
    """A number above 0 and below a thousand million."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < 1e9:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0 and below 1e9")
    return number


LEAST_HZ, MOST_HZ = 0.01, 1000
"""Rates of looks: less often nothing is seen, and more often looking is all that would be done."""


def rate(text: str) -> float:
    """Looks per second, from 0.01 to 1000."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not LEAST_HZ <= number <= MOST_HZ:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of looks per second from {LEAST_HZ} to {MOST_HZ}")
    return number


def share(text: str) -> float:
    """A number above 0 and at most 1."""
    number = positive_float(text)
    if number > 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a share above 0 and up to 1")
    return number


def from_project(parser: argparse.ArgumentParser, given: Sequence[str]) -> list[str]:
    """Options that the nearest pyproject.toml sets, as words of a command line.

    Args:
        parser: Of the command that is run.
        given: What stands on the command line: an option that is there is not taken from the file.

    Raises:
        UsageError: The file cannot be read as TOML, or sets an option that there is not, or one to what it cannot be.
    """
    file, table = project_table()
    known = {action.dest: action for action in parser._actions if action.option_strings and action.dest != "help"}
    present = {word.partition("=")[0] for word in given}
    words: list[str] = []
    for key, value in table.items():
        action = known.get(key.replace("-", "_"))
        if action is None and key.replace("_", "-") in _OTHER_COMMANDS:
            continue
        try:
            if action is None:
                raise argparse.ArgumentTypeError("there is no such option")
            if not present & set(action.option_strings):
                words += _words_of(action, value)
        except argparse.ArgumentTypeError as error:
            raise UsageError(
                f"{file}: {key} in [tool.iobound]: {error}", hint=f"`{parser.prog} --help` lists the options"
            ) from error
    return words


def _words_of(action: argparse.Action, value: object) -> list[str]:
    """What would stand on a command line for the value of a key; raises `ArgumentTypeError`."""
    option = action.option_strings[-1]
    if isinstance(value, bool):
        if action.nargs is None:
            raise argparse.ArgumentTypeError("it wants a value, not true or false")
        return [option] if value else []
    if action.nargs == 0:
        raise argparse.ArgumentTypeError("it is either true or false")
    several = isinstance(action, argparse._AppendAction)
    if isinstance(value, list) and not several:
        raise argparse.ArgumentTypeError("it has one value, not a list")
    words = []
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, bool) or not isinstance(item, str | int | float):
            raise argparse.ArgumentTypeError("a value is a text or a number")
        if callable(action.type):
            action.type(str(item))
        words.append(f"{option}={item}")
    return words


_OTHER_COMMANDS = frozenset(
    {"report", "tree", "width", "workers", "rate", "max-overhead", "check", "timeout", "save", "portable", "no-ci"}
    | {"guard-output"}
    | {"scan", "catalogue"}  # tables with options of their own
)


_LARGEST_PROJECT_BYTES = 10_000_000


def project_table() -> tuple[str, dict[str, object]]:
    """Path of the nearest pyproject.toml, and `[tool.iobound]` of it; both empty where there is none.

    Raises:
        UsageError: The file cannot be read as TOML, or what is there is no table.
    """
    try:
        here = Path.cwd()
    except OSError:  # the working directory has been removed
        return "", {}
    for folder in (here, *here.parents):
        file = folder / "pyproject.toml"
        try:
            found = os.stat(file)
            if not stat.S_ISREG(found.st_mode):  # a pipe to wait at, a device without end
                continue
            if found.st_size > _LARGEST_PROJECT_BYTES:
                raise UsageError(f"{file} is larger than 10 MB", hint="it is no file of settings: run elsewhere")
            content = file.read_bytes()
        except OSError:
            continue
        return str(file), _table_in(content, file)
    return "", {}


def _table_in(content: bytes, file: Path) -> dict[str, object]:
    if b"iobound" not in content:
        return {}  # which spares most runs the parser
    import tomllib

    try:
        tools = tomllib.loads(content.decode()).get("tool", {})
    except (ValueError, RecursionError) as error:  # not TOML, or not UTF-8
        raise UsageError(f"cannot read {file}: {error}", hint="mend it, or run elsewhere") from error
    table = tools.get("iobound", {}) if isinstance(tools, dict) else {}
    if not isinstance(table, dict):
        raise UsageError(f"{file}: tool.iobound is no table", hint="write [tool.iobound], and options below it")
    return table
