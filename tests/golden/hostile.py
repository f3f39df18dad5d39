"""Texts that names, paths and source may hold, and that no report may act on."""

from __future__ import annotations

from enum import Enum

FIXED = {"kind", "rule", "severity", "method", "says", "independent", "strategy_now", "limited_by", "source", "created"}
"""Fields whose values are words of ours, or read as such."""

HOSTILE = [
    "\x1b[2J\x1b[1;1Hcleared",
    "\x1b]0;title\x07",
    "\x1b]8;;http://evil.example\x1b\\link\x1b]8;;\x1b\\",
    "\x1bP+q544e\x1b\\",
    "\x9b31mC1",
    "\x90dcs\x9c",
    "one\ntwo",
    "one\rtwo",
    "one\r\ntwo",
    "tab\tbed",
    "vertical\x0btab\x0cfeed",
    "\x00nul\x00",
    "back\x08\x08space",
    "delete\x7f",
    "\u202egnp.exe\u202c",
    "\u2066isolate\u2069",
    "\u200bzero\u200dwidth\ufeff",
    "line\u2028paragraph\u2029\x85",
    "\udc80\udcff.py",
    "\ud800high",
    "\U000e0041tag",
    "::error file=a.py::owned",
    "\n::stop-commands::x",
    "   ::warning::owned",
    "##[error]owned",
    "a ##vso[task.setvariable variable=x]y",
    "##[group]x\n##[endgroup]",
    "[bold red]markup[/bold red] [link=http://evil.example]x[/]",
    "[/not-open]",
    "\\[escaped]\\",
    ":skull: {braces} %s %(x)s",
    "<script>alert(1)</script>",
    "[link](http://evil.example) ![picture](//evil.example/x.png)",
    "100%25 %0A::error::owned%3A%2C",
    "see #1 and @somebody, a|b \\| `c|d` **bold** www.evil.example",
    "]]> --> ``` </details> &lt;",
    "function\x00file\x001\x01l5\x01cClass",
    "x" * 100_000,
    "日本語" * 400,
    "e" + "\u0301" * 300,
    "",
    " ",
    "\"quoted\\\" 'both'",
]


def poisoned(value, text):
    """The value with every string in it replaced."""
    if isinstance(value, Enum):
        return value
    if isinstance(value, str):
        return text
    if hasattr(value, "_fields"):
        changed = {name: poisoned(item, text) for name, item in value._asdict().items() if name not in FIXED}
        if type(value).__name__ == "Capability" and value.available:
            changed["why"] = None
        return value._replace(**changed)
    if isinstance(value, tuple):
        return tuple(poisoned(item, text) for item in value)
    if isinstance(value, dict):
        return {key: poisoned(item, text) for key, item in value.items()}
    return value
