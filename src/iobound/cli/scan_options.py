"""What `iobound scan` was asked for: the command line, over `[tool.iobound.scan]` of the nearest pyproject.toml."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from iobound.cli.options import MOST, positive_int, project_table
from iobound.errors import UsageError
from iobound.model.finding import Confidence, Severity
from iobound.model.scan_options import STANDARD_INPUT, ScanOptions

_SECTION = "[tool.iobound.scan]"
_NEVER = "never"
_SELECTORS = ("select", "extend_select", "ignore")

_LISTS = {
    "select": ("CODES", "rules to look for, by id or prefix, with commas, or ALL; repeatable"),
    "extend_select": ("CODES", "rules to look for beside those"),
    "ignore": ("CODES", "rules to leave out; of this and --select the more specific decides"),
    "exclude": ("PATTERNS", "paths to leave out in place of the usual ones, as in .gitignore; repeatable"),
    "extend_exclude": ("PATTERNS", "paths to leave out beside those"),
}
_FLAGS = {
    "tests": "look at tests in directories, too",
    "respect_gitignore": "leave out what git ignores (default)",
    "force_exclude": "leave out what is excluded even if it is named",
    "fix": "apply the fixes that are safe",
    "show_fixes": "show the fixes that there are",
    "cache": "keep what was read for the next scan (default)",
}


def add_scan_options(parser: argparse.ArgumentParser) -> None:
    """The options of a scan; none has a default here, so that the project's come after the command line."""
    parser.add_argument(
        "paths", metavar="PATH", nargs="*", help="files and directories; - is standard input (default: here)"
    )
    rules = parser.add_argument_group("rules")
    files = parser.add_argument_group("files")
    for name, (metavar, text) in _LISTS.items():
        group = files if name.endswith("exclude") else rules
        group.add_argument(_option(name), metavar=metavar, action="append", help=text)
    rules.add_argument(
        "--per-file-ignores",
        metavar="PATTERN:CODES",
        action="append",
        help="rules to leave out in some files, or with ! before the pattern in all others; repeatable",
    )
    for name, text in _FLAGS.items():
        group = files if name in ("tests", "respect_gitignore", "force_exclude", "cache") else rules
        group.add_argument(_option(name), action=argparse.BooleanOptionalAction, default=None, help=text)
    rules.add_argument(
        "--min-confidence", metavar="LEVEL", choices=list(Confidence), help=f"{', '.join(Confidence)} (default: medium)"
    )
    rules.add_argument(
        "--fail-on",
        metavar="SEVERITY",
        choices=[*Severity, _NEVER],
        help=f"exit with 1 from which severity on: {', '.join(Severity)} or {_NEVER} (default: warning)",
    )
    files.add_argument("--diff", metavar="REV", help="only lines that changed since a git revision, such as main...")
    files.add_argument("--stdin-filename", metavar="NAME", help="what standard input is called")
    files.add_argument("--cache-dir", metavar="PATH", help="where to keep what was read")
    files.add_argument("--jobs", metavar="N", type=positive_int, help="processes that read (default: one per CPU)")


def scan_options(given: argparse.Namespace, rules: Collection[str]) -> ScanOptions:
    """Options as given, the project's where nothing was given, else the usual ones.

    Args:
        given: What a parser with `add_scan_options` made of the command line.
        rules: Ids of all rules.

    Raises:
        UsageError: There is no such option or rule, or a value is none; says where it stands.
    """
    project, command = project_options(rules), _of_command_line(given, rules)
    return project._replace(**command)


def project_options(rules: Collection[str]) -> ScanOptions:
    """Options of the project alone, the usual ones where it says nothing.

    Args:
        rules: Ids of all rules.

    Raises:
        UsageError: As for `scan_options`.
    """
    file, table = project_table()
    project = _of_project(file, table.get("scan", {}), rules)
    catalogue = table.get("catalogue", {})
    if not isinstance(catalogue, dict):
        raise UsageError(f"{file}: catalogue in [tool.iobound]: it is a table", hint="write [tool.iobound.catalogue]")
    root = os.path.dirname(file) or os.curdir
    return ScanOptions(**{**project, "root": root, "catalogue": catalogue})


def _of_command_line(given: argparse.Namespace, rules: Collection[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in _LISTS:
        if (texts := getattr(given, name)) is not None:
            found[name] = tuple(word for text in texts for word in _words(text))
    if given.per_file_ignores is not None:
        found["per_file_ignores"] = tuple(_pattern_and_codes(text) for text in given.per_file_ignores)
    for name in (*_FLAGS, "diff", "stdin_filename", "cache_dir", "jobs"):
        if (value := getattr(given, name)) is not None:
            found[name] = value
    if given.min_confidence is not None:
        found["min_confidence"] = Confidence(given.min_confidence)
    if given.fail_on is not None:
        found["fail_on"] = _severity(given.fail_on)
    if given.paths:
        found["paths"] = tuple(given.paths)
    elif given.stdin_filename is not None:
        found["paths"] = (STANDARD_INPUT,)
    _require_rules(found, rules, _option)
    return found


def _words(text: str) -> list[str]:
    return [word for word in re.split(r"[,\s]+", text) if word]


def _pattern_and_codes(text: str) -> tuple[str, tuple[str, ...]]:
    pattern, separator, codes = text.rpartition(":")
    if not separator or not pattern or not _words(codes):
        raise UsageError(f"--per-file-ignores {text} names no rules", hint="write --per-file-ignores PATTERN:CODES")
    return pattern, tuple(_words(codes))


def _of_project(file: str, table: object, rules: Collection[str]) -> dict[str, Any]:
    if not isinstance(table, dict):
        raise UsageError(f"{file}: scan in [tool.iobound]: it is a table", hint=f"write {_SECTION}")
    found: dict[str, Any] = {}
    for key, value in table.items():
        name = key.replace("-", "_")
        if name not in _KEYS:
            known = [each.replace("_", "-") for each in _KEYS]
            raise UsageError(
                f"{file}: {key} in {_SECTION}: there is no such option", hint=_alike(key, known, "options")
            )
        try:
            found[name] = _KEYS[name](value)
        except ValueError as error:
            raise UsageError(f"{file}: {key} in {_SECTION}: {error}", hint="`iobound scan --help` says more") from error
    if "cache_dir" in found:
        found["cache_dir"] = os.path.join(os.path.dirname(file), found["cache_dir"])
    _require_rules(found, rules, lambda name: f"{file}: {name.replace('_', '-')} in {_SECTION}")
    return found


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise ValueError("it is a list of texts")
    return tuple(value)


def _by_pattern(value: object) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if not isinstance(value, dict):
        raise ValueError("it is a table of patterns, each with a list of rules")
    return tuple((pattern, _texts(codes)) for pattern, codes in value.items())


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("it is either true or false")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("it is a text")
    return value


def _number(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST:
        raise ValueError(f"it is a whole number from 1 to {MOST}")
    return value


def _confidence(value: object) -> Confidence:
    if value not in list(Confidence):
        raise ValueError(f"{value!r} is none of {', '.join(Confidence)}")
    return Confidence(str(value))


def _severity(value: object) -> Severity | None:
    if value == _NEVER:
        return None
    if value not in list(Severity):
        raise ValueError(f"{value!r} is none of {', '.join(Severity)} and {_NEVER}")
    return Severity(str(value))


_KEYS: Mapping[str, Callable[[object], Any]] = {
    **dict.fromkeys(_LISTS, _texts),
    "per_file_ignores": _by_pattern,
    **dict.fromkeys(_FLAGS, _flag),
    "min_confidence": _confidence,
    "fail_on": _severity,
    "cache_dir": _text,
    "jobs": _number,
}
"""What may stand in the project's table, and how it is read."""


def _require_rules(found: Mapping[str, Any], rules: Collection[str], where: Callable[[str], str]) -> None:
    named = {name: found[name] for name in _SELECTORS if name in found}
    if "per_file_ignores" in found:
        named["per_file_ignores"] = [code for _, codes in found["per_file_ignores"] for code in codes]
    for name, selectors in named.items():
        for selector in selectors:
            if selector != "ALL" and not (selector and any(rule.startswith(selector) for rule in rules)):
                raise UsageError(
                    f"{where(name)}: no rule is called {selector!r}",
                    hint=_alike(selector.upper(), sorted(rules), "rules"),
                )


def _alike(word: str, known: Sequence[str], what: str) -> str:
    import difflib  # only the mistaken need it

    found = difflib.get_close_matches(word, known, n=1)
    if found:
        return f"did you mean {found[0]}?"
    shown = ", ".join(known[:8]) + (", …" if len(known) > 8 else "")
    return f"{what}: {shown}" if known else f"there are no {what}"


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"
