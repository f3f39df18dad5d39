"""Which rules count, and where."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from iobound.model.finding import Finding
from iobound.model.gathered import LineRange
from iobound.model.path_patterns import PathPatterns
from iobound.model.scan_options import ScanOptions

ALL = "ALL"


class Rules(NamedTuple):
    """Ids of rules.

    Attributes:
        known: All that there are.
        default: Those that count unless something else is asked for.
        selected: Those that count.
    """

    known: frozenset[str]
    default: frozenset[str]
    selected: frozenset[str]


def select(options: ScanOptions, known: Iterable[str], default: Iterable[str]) -> Rules:
    """The rules that the options ask for: the longest prefix that speaks of a rule decides, `ignore` if both do.

    Args:
        options: With `select`, `extend_select` and `ignore`.
        known: Ids of all rules.
        default: Ids of those that count when `select` says nothing; weighs as little as `ALL`.

    Example:
        >>> options = ScanOptions(select=("IOB2", "IOB301"), ignore=("IOB3", "IOB201"))
        >>> sorted(select(options, ["IOB101", "IOB201", "IOB202", "IOB301", "IOB302"], []).selected)
        ['IOB202', 'IOB301']
    """
    known, default = frozenset(known), frozenset(default)
    wanted = (*(options.select or ()), *options.extend_select)
    selected = set()
    for rule in known:
        for_it = _weight(rule, wanted)
        if options.select is None and rule in default:
            for_it = max(for_it, 0)
        if for_it > _weight(rule, options.ignore):
            selected.add(rule)
    return Rules(known, default, frozenset(selected))


def _weight(rule: str, selectors: Iterable[str]) -> int:
    """Length of the longest selector that means a rule, 0 for `ALL`, -1 when none does."""
    lengths = [0 if selector == ALL else len(selector) for selector in selectors if is_meant(rule, selector)]
    return max(lengths, default=-1)


def is_meant(rule: str, selector: str) -> bool:
    """Whether a selector means a rule."""
    return selector == ALL or rule.startswith(selector)


class PerFile:
    """Rules that do not count in some files.

    Args:
        ignores: Patterns of files, relative to the root, and selectors; `!` before a pattern: all other files.

    Example:
        >>> per_file = PerFile([("tests/", ("IOB2",)), ("!src/", ("IOB3",))])
        >>> per_file.ignores("tests/a.py", "IOB201"), per_file.ignores("src/a.py", "IOB301")
        (True, False)
    """

    def __init__(self, ignores: Iterable[tuple[str, Sequence[str]]]) -> None:
        self._ignores = [
            (PathPatterns([pattern.removeprefix("!")]), pattern.startswith("!"), tuple(selectors))
            for pattern, selectors in ignores
        ]

    def ignores(self, path: str, rule: str) -> bool:
        """Whether a rule does not count in a file.

        Args:
            path: Relative to the root, with `/`.
            rule: Its id.
        """
        return any(
            any(is_meant(rule, selector) for selector in selectors) and patterns.cover(path) is not others
            for patterns, others, selectors in self._ignores
        )

    def within(self, path: str, rules: Rules) -> Rules:
        """The rules that count in a file."""
        return rules._replace(selected=frozenset(rule for rule in rules.selected if not self.ignores(path, rule)))


def is_on(finding: Finding, ranges: Iterable[LineRange]) -> bool:
    """Whether a finding touches any of some lines.

    Example:
        >>> from iobound.model.finding import Confidence, Severity, Span
        >>> loop = Finding("IOB201", "a.py", Span(3, 0, 5, 9), Severity.WARNING, Confidence.HIGH, "waits in turn")
        >>> is_on(loop, [LineRange(5, 5)]), is_on(loop, [LineRange(6, 9)])
        (True, False)
    """
    return any(first <= finding.span.end_line and finding.span.line <= last for first, last in ranges)
