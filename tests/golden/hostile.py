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

MORE_HOSTILE = [
    "\x1b]52;c;cm0gLXJmIC8=\x07",
    "\x1b_Gf=100;AAAA\x1b\\ \x1bXstart of string\x1b\\ \x1b^private\x1b\\",
    "\x1b]1338;url=http://evil.example/x.png;alt=x\x07\x1b]1339;url=http://evil.example;content=x\x07",
    "\x1b]9;notify\x07\x1b[6n\x1b[?1049h\x1bc\x1b(0",
    "\x9d8;;http://evil.example\x9clink\x9d8;;\x9c\x84\x85\x8d\x9b2J",
    "\x1b[0Ksection_start:1700000000:owned[collapsed=true]\r\x1b[0KOwned",
    "section_end:1700000000:owned\r\x1b[0K",
    "::set-output name=owned::1",
    "::add-mask::e",
    "::stop-commands::owned\n::owned::",
    "::group::owned\n::endgroup::",
    "\u00a0\u3000::error::owned",
    "::add-path::/owned\n::set-env name=PATH::/owned\n::save-state name=a::b",
    "a%0D%0A::error file=x,line=1,title=y%3A%2C::owned",
    "x,title=owned::message",
    "##vso[task.complete result=Succeeded;]\n##vso[task.logissue type=error]owned",
    "##[error]##[debug]##[command]##[section]",
    "##teamcity[testFailed name='owned' message='owned' ]",
    "it |'s|n |[x|]",
    "--- owned\n+++ owned\n~~~ owned\n^^^ +++",
    "--- :rocket: owned",
    "+++ owned",
    "@org/team @ann mail ann@evil.example org/repo#12 GH-12 0123456789012345678901234567890123456789",
    "http://evil.example/x https://evil.example <http://evil.example> ftp://evil.example mailto:a@evil.example",
    "[a]: http://evil.example 'x'\n[a] [b][a] ![a][a]",
    "| a | b |\n|---|---|\n| c | d |",
    "# heading\n> quote\n- list\n1. one\n***\n    code",
    "- [x] task ~~gone~~ $x$ $$y$$ [^1]: note :rocket:",
    "```\n```python\n~~~~\n````",
    "</details></summary></code></pre></td></table><details open><summary>",
    "<!-- iobound:scan --> --> <!-- x",
    "<img src=x onerror=alert(1)><svg/onload=alert(1)><iframe src=javascript:alert(1)>",
    "\"><script src=//evil.example></script><a href='javascript:alert(1)'>x</a>",
    "</script><script>alert(1)</script></style><title>",
    "]]]]><![CDATA[>]]><!ENTITY x 'y'>&x;&#0;&#x1b;",
    "<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'><!ENTITY d '&b;&b;&b;'>]><a>&d;</a>",
    "\x01\x02\x0e\x1f\ufffe\uffff\ufdd0\U0001ffff\U0010ffff",
    "\ud83d\ude00 \udfff\ud800 \udcff",
    "a\u0300\u0301\u0302" * 200 + "\u20dd\ufe0f",
    "\u061c\u200e\u200f\u202a\u202b\u202d\u2067\u2068\u2069\u206a\u2060\u180e\u00ad\u115f\u3164",
    "\U000e0001\U000e0020\U000e007f\ufff9\ufffa\ufffb\ufffc",
    '","owned":true,"x":["',
    '\\u0000 \\" \\ud800 \\n {"a": NaN} //',
    "%s %n %(name)s {0} {0.__class__} ${HOME} $(id) `id` %PATH% {{7*7}} {% x %}",
    "[link=http://evil.example][blink]x[/blink][/link] [@click=app.bell]x[/] [/]",
    "=1+1\t+cmd|' /C calc'!A0 @SUM(1) -1",
    "../../../etc/passwd\x00.py C:\\owned\\x.py \\\\evil\\share file:///etc/passwd",
    "a\u2028::error::owned\u2029b\x0c::error::owned\x1c\x1d\x1e::error::owned",
    "\ufeff::error::owned",
    "iobound: verdict: cpu\nverdict:  cpu - owned",
]

EVERY = [*HOSTILE, *MORE_HOSTILE]
"""What `tests/injection` sends through every format; single formats have tests of their own with `HOSTILE`."""

HUGE = "::error::<b>\x1b[31m|[a](b)@ann" * 33_000
"""A name of a megabyte."""


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
