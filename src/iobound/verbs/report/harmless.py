"""Names, paths, commands and snippets of the target made harmless: in a report they are data and nothing else.

Every string that a report writes goes through this file once, its own words too, so that none can be forgotten.
"""

from __future__ import annotations

import re

LONGEST = 2_000
"""Characters of one piece of prose in a text report."""

LONGEST_EXACT = 4_096
"""Characters of one string in a machine-readable report: the longest path that a system takes."""

LONGEST_CODE_LINES = 40

# Compiled when they are first needed, which for most reports is never; `re` keeps what it has compiled.
_SURROGATE = "[\ud800-\udfff]"
_COMMAND = r"##(?=\w*\[)"  # ##[ of GitHub and Azure Pipelines, ##vso[, ##teamcity[
_HEADING = r"(?:---|\+\+\+|~~~|\^\^\^)(?=\s|$)"  # of a section in the log of Buildkite
_TAB = "    "
_JOINTS = ("/", "→ ", "-> ")  # a beginning is better left out up to one of these than within a word


def inline(text: str, limit: int = LONGEST) -> str:
    """One line that shows what is there: whatever is no printable character is written as an escape.

    Escape sequences, line ends, bidirectional controls, zero-width characters, lone surrogates and NUL all become
    visible; printable text of any script stays as it is. Applied twice it changes nothing more.

    Args:
        text: Anything.
        limit: Longest result in characters; the middle is left out.

    Example:
        >>> inline("a\\x1b[31mb\\nc")
        'a\\\\x1b[31mb\\\\nc'
    """
    text = shortened(text, limit)
    if not text.isprintable():
        text = "".join(character if character.isprintable() else _escape(character) for character in text)
    if "##" in text:
        text = re.sub(_COMMAND, "# #", text)
    return shortened(text, limit)


def _escape(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"  # a byte of a file name that is not UTF-8
    if character == "\N{NO-BREAK SPACE}":
        return " "
    return character.encode("ascii", "backslashreplace").decode("ascii") if code > 0x7F else _ASCII[code]


_ASCII = {code: repr(chr(code))[1:-1] for code in range(0x80)}


def code_lines(text: str) -> list[str]:
    """The lines of a snippet, each harmless, at most forty.

    Example:
        >>> code_lines("for a in b:\\n\\tc(a)\\r\\n")
        ['for a in b:', '    c(a)']
    """
    lines = text.replace("\r\n", "\n").rstrip("\n").split("\n")
    shown = [inline(line.replace("\t", _TAB)).rstrip() for line in lines[:LONGEST_CODE_LINES]]
    left_out = len(lines) - len(shown)
    return [*shown, f"# and {left_out} more lines"] if left_out else shown


def shortened(text: str, limit: int) -> str:
    """The text with its middle left out where it is longer than the limit.

    Example:
        >>> shortened("abcdefghij", 7)
        'abc…hij'
    """
    if len(text) <= limit:
        return text
    if limit <= 1:
        return "…"[:limit]
    tail = (limit - 1) // 2
    return f"{text[: limit - 1 - tail]}…{text[len(text) - tail :] if tail else ''}"


def tail_of(text: str, limit: int) -> str:
    """The text with its beginning left out where it is longer than the limit.

    Example:
        >>> tail_of("src/app/main.py:7", 12)
        '…/main.py:7'
        >>> tail_of("main → urllib.request.urlopen", 26)
        '…→ urllib.request.urlopen'
        >>> tail_of("abcdefghij", 7)
        '…efghij'
    """
    if len(text) <= limit or limit <= 1:
        return shortened(text, limit)
    tail = text[len(text) - limit + 1 :]
    joints = [at for at in map(tail.find, _JOINTS) if 0 <= at < len(tail) // 2]
    return f"…{tail[min(joints) :] if joints else tail.lstrip()}"


def exact(text: str, limit: int = LONGEST_EXACT) -> str:
    """The text as it is, for a format that escapes by itself; only what no UTF-8 can hold is written as an escape."""
    return re.sub(_SURROGATE, lambda match: _escape(match.group()), shortened(text, limit))


def guarded(line: str) -> str:
    """A finished line that no CI system takes for a command, or for a heading of its own.

    Example:
        >>> guarded("  ::error::gotcha"), guarded("std::vector")
        ('  : :error::gotcha', 'std::vector')
        >>> guarded("--- tests"), guarded("  --- tests"), guarded("-----")
        ('- -- tests', '  --- tests', '-----')
    """
    said = line.lstrip()
    if said.startswith("::"):
        return f"{line[: -len(said)]}: {said[1:]}"
    return f"{line[0]} {line[1:]}" if line[:1] in "-+~^" and re.match(_HEADING, line) else line


def guarded_json(text: str) -> str:
    """A JSON text that no CI system finds a command in; it parses to the same."""
    return re.sub(_COMMAND, r"\\u0023#", text)
