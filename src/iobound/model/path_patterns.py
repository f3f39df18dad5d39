"""Patterns of paths, with the meaning that `.gitignore` gives them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import groupby

_END = "\0"
_DIRECTORY = "\0/"
"""What ends a path that is matched: no name has a NUL, so that no wildcard can swallow it."""

_NEVER = "(?!)"
_STAR = "*"
_SPECIAL = "*?[\\"
_ESCAPED_SLASH = "\\/"
_POSIX_CLASSES = {
    "alnum": "a-zA-Z0-9",
    "alpha": "a-zA-Z",
    "blank": " \\t",
    "cntrl": "\\x01-\\x1f\\x7f",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": "!-/:-@\\[-`{-~",
    "space": " \\t\\n\\r\\f\\v",
    "upper": "A-Z",
    "xdigit": "0-9a-fA-F",
}


class PathPatterns:
    """Lines of one `.gitignore`, or of an option with the same meaning; the last line that matches decides.

    A pattern with a `/` in it, or before it, belongs to the directory of the file; any other to all names below.
    `*` and `?` stop at `/`, `**` does not; a `/` at the end means directories only; `!` takes a path back in.

    Args:
        lines: Patterns; empty lines and those that begin with `#` say nothing.

    Example:
        >>> patterns = PathPatterns(["*.log", "/build/", "!keep.log"])
        >>> patterns.matches("a/x.log"), patterns.matches("a/keep.log"), patterns.matches("a/x.py")
        (True, False, None)
    """

    __slots__ = ("_groups",)

    def __init__(self, lines: Iterable[str]) -> None:
        parsed = [pattern for line in lines if (pattern := _parsed(line)) is not None]
        parsed.reverse()
        self._groups: list[tuple[bool, re.Pattern[str] | None, re.Pattern[str] | None]] = [
            (verdict, *_joined([(is_path, regex) for _, is_path, regex in group]))
            for verdict, group in groupby(parsed, key=lambda pattern: pattern[0])
        ]

    def __bool__(self) -> bool:
        """Whether there is any pattern."""
        return bool(self._groups)

    def matches(self, path: str, *, directory: bool = False) -> bool | None:
        """What the patterns say of this path alone, whatever they say of the directories that it is in.

        Args:
            path: With `/`, relative to where the patterns belong.
            directory: Whether it is one.

        Returns:
            True if it is matched, False if a `!` takes it back in, None when no pattern speaks of it.
        """
        if not self._groups:
            return None
        whole = path + (_DIRECTORY if directory else _END)
        name = whole[path.rfind("/") + 1 :]
        for verdict, of_name, of_path in self._groups:
            if (of_name is not None and of_name.match(name)) or (of_path is not None and of_path.match(whole)):
                return verdict
        return None

    def cover(self, path: str, *, directory: bool = False) -> bool:
        """Whether a path is matched, or a directory that it is in: from there nothing can be taken back in.

        Example:
            >>> PathPatterns(["build/", "!main.py"]).cover("build/main.py")
            True
        """
        at = path.find("/")
        while at >= 0:
            if self.matches(path[:at], directory=True):
                return True
            at = path.find("/", at + 1)
        return bool(self.matches(path, directory=directory))


def _joined(patterns: list[tuple[bool, str]]) -> tuple[re.Pattern[str] | None, re.Pattern[str] | None]:
    of_name = "|".join(regex for is_path, regex in patterns if not is_path)
    of_path = "|".join(regex for is_path, regex in patterns if is_path)
    return (
        re.compile(of_name, re.DOTALL) if of_name else None,
        re.compile(of_path, re.DOTALL) if of_path else None,
    )


def _parsed(line: str) -> tuple[bool, bool, str] | None:
    """Verdict, whether a whole path is meant (or a name), and the regular expression; None of a line without any."""
    pattern = _without_space_at_end(line)
    if not pattern or pattern.startswith("#"):
        return None
    verdict = not pattern.startswith("!")
    pattern = pattern if verdict else pattern[1:]
    directory = pattern.endswith("/")
    pattern = pattern[:-1] if directory else pattern
    if not pattern:
        return None
    is_path = "/" in pattern
    pattern = pattern.removeprefix("/")
    regex = _regex(pattern, _plain(pattern) if is_path else 0)
    return verdict, is_path, regex + (_DIRECTORY if directory else _END)


def _without_space_at_end(line: str) -> str:
    line = line.removesuffix("\n").removesuffix("\r")
    bare = line.rstrip(" ")
    escaped = len(bare) - len(bare.rstrip("\\"))
    return line[: len(bare) + 1] if escaped % 2 and len(line) > len(bare) else bare


def _plain(pattern: str) -> int:
    """How many characters at the beginning of a pattern stand for themselves."""
    return next((at for at, character in enumerate(pattern) if character in _SPECIAL), len(pattern))


def _regex(pattern: str, plain: int) -> str:
    """The pattern as a regular expression that takes no more than quadratic time, whatever the pattern and the path.

    What a wildcard reaches before the next wildcard may be settled at the first place where it fits, since the next
    one takes whatever lies between. So all but the last of them are atomic groups.

    Args:
        pattern: What is left of the line.
        plain: Where a `**` is a whole part of the path whatever is in front of it: git compares what stands for itself,
            and matches the rest of pattern and path as if they began there (`match_pathname` in its dir.c), so that
            `a**/b` has `ac/d/b`, against its own documentation.
    """
    segments: list[list[str]] = [[]]
    gaps: list[str] = []
    at = 0
    while at < len(pattern):
        if (after := _deep(pattern, at, plain)) is not None:
            ends_with_slash = after == len(pattern) and pattern[-1] == "/"
            segments.append([_NEVER] if ends_with_slash else [])
            gaps.append("" if pattern[after - 2 : after] == _ESCAPED_SLASH else "?")
            at = after
        else:
            part, at = _part(pattern, at)
            segments[-1].append(part)
    first, *others = [_segment(parts) for parts in segments]
    if not others:
        return first
    *between, last = others
    inner = "".join(f"(?>(?:[^\0]*?/){gap}{gap}{segment})" for gap, segment in zip(gaps, between, strict=False))
    if not last:  # `a/**`: anything below, and not `a` itself, which has no slash
        return first + inner + "[^\0]*"
    return f"{first}{inner}(?:[^\0]*/){gaps[-1]}{last}"


def _segment(parts: list[str]) -> str:
    """What lies between two `**`."""
    fixed, *runs = ["".join(run) for is_star, run in groupby(parts, key=_STAR.__eq__) if not is_star] or [""]
    if parts[:1] == [_STAR]:
        fixed, runs = "", [fixed, *runs]
    if parts[-1:] == [_STAR] and len(parts) > 1:
        runs.append("")
    if not runs:
        return fixed
    inner = "".join(f"(?>[^/\0]*?{run})" for run in runs[:-1])
    return f"{fixed}{inner}[^/\0]*{runs[-1]}"


def _deep(pattern: str, at: int, plain: int) -> int | None:
    """Where a `**` that is a whole part of the path ends, with the `/` after it; None when there is none here.

    To git, one that is followed by a `\\/` is such a part, but stands for one directory at least.
    """
    if not pattern.startswith("**", at) or (at not in (0, plain) and pattern[at - 1] != "/"):
        return None
    end = at + len(pattern[at:]) - len(pattern[at:].lstrip("*"))
    if end == len(pattern):
        return end
    if pattern.startswith(_ESCAPED_SLASH, end):
        return end + len(_ESCAPED_SLASH)
    return end + 1 if pattern[end] == "/" else None


def _part(pattern: str, at: int) -> tuple[str, int]:
    """Regular expression of one character or wildcard, and where the next one begins."""
    character = pattern[at]
    if character == "*":
        return _STAR, at + 1
    if character == "[":
        return _class(pattern, at)
    if character == "?":
        return "[^/\0]", at + 1
    if character == "\\":
        return (re.escape(pattern[at + 1]) if at + 1 < len(pattern) else _NEVER), at + 2
    return re.escape(character), at + 1


def _class(pattern: str, at: int) -> tuple[str, int]:
    """A set of characters in brackets; one that is not closed matches nothing, as git has it."""
    at += 1
    negated = pattern[at : at + 1] in ("!", "^")
    at += negated
    parts: list[str] = []
    first = True
    while at < len(pattern) and (first or pattern[at] != "]"):
        first = False
        if pattern.startswith("[:", at) and (end := pattern.find(":]", at)) >= 0:
            inside = _POSIX_CLASSES.get(pattern[at + 2 : end])
            if inside is None:
                return _NEVER, len(pattern)
            parts.append(inside)
            at = end + 2
            continue
        low, at = _member(pattern, at)
        if pattern[at : at + 1] == "-" and pattern[at + 1 : at + 2] not in ("", "]"):
            high, at = _member(pattern, at + 1)
            # Git compares with the lower end first, so that `[b-a]` has a `b`.
            parts.append(f"{re.escape(low)}-{re.escape(high)}" if low <= high else re.escape(low))
        else:
            parts.append(re.escape(low))
    if at >= len(pattern):
        return _NEVER, len(pattern)
    inside = "".join(parts)
    if negated:
        return f"[^/\0{inside}]", at + 1
    return (f"(?![/\0])[{inside}]" if inside else _NEVER), at + 1


def _member(pattern: str, at: int) -> tuple[str, int]:
    if pattern[at] == "\\" and at + 1 < len(pattern):
        at += 1
    return pattern[at], at + 1
