"""The HTML report: well formed, self-contained, readable by everybody, and harmless whatever the target is called."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hostile import HOSTILE, poisoned
from stories import STORIES

from iobound.verbs import report
from iobound.verbs.report import html_style

STYLE = report.TextStyle(width=80, unicode=True, plain=False)
VOID = {"meta", "br"}
KNOWN = {
    *("html", "head", "meta", "title", "style", "body", "div", "section", "details", "summary", "h2", "h3", "p", "dl"),
    *("dt", "dd", "pre", "code", "span", "table", "caption", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {
    *("class", "style", "role", "aria-label", "aria-hidden", "scope", "tabindex", "open", "lang", "charset", "name"),
    *("content", "http-equiv"),
}
MORE_HOSTILE = [
    '"><script>alert(1)</script>',
    "' onmouseover='alert(1)",
    "</style><style>*{display:none}",
    "</title></head><body onload=alert(1)>",
    "<!-- --><img src=x onerror=alert(1)>",
    "&lt;script&gt; &amp; &#60;b&#62;",
    "`<b>bold</b>` and `code`",
    "$\\href{javascript:alert(1)}{x}$ \\(x\\)",
    "url(http://evil.example/x.css) @import 'x'; expression(alert(1))",
    "y" * 1_000_000,
]


class Page(HTMLParser):
    """Reads a page strictly: every element is closed where it was opened, and is one that we write."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.elements, self.texts = [], [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        assert tag in KNOWN
        assert {name for name, _ in attributes} <= ATTRIBUTES
        self.elements.append((tag, dict(attributes), tuple(self.open)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append((self.open[-1] if self.open else "", data))

    def handle_comment(self, data):
        raise AssertionError(f"a comment: {data}")

    def text(self, *tags):
        """What stands in these elements, or in all but the style."""
        return " ".join(" ".join(data for tag, data in self.texts if (tag in tags if tags else tag != "style")).split())


def page(diagnosis):
    return report.render(diagnosis, "html", style=STYLE)


@pytest.mark.parametrize("story", STORIES)
def test_it_is_well_formed_and_says_what_the_text_says(story):
    """Every word and figure of the text report on a wide screen is in the page."""
    diagnosis = STORIES[story]()
    said = set(Page(page(diagnosis)).text().replace("(", " ").replace(")", " ").lower().split())
    words = report.render(diagnosis, "text", style=STYLE._replace(width=400)).replace("█", " ")
    told = {word for word in re.sub("[()`]", " ", words).lower().split() if word not in ("verdict", "ran")}
    assert len(told) > 50
    assert told <= said


@pytest.mark.parametrize("story", STORIES)
def test_the_answer_comes_first_then_what_to_do_then_the_budget(story):
    """In the order of reading, with all that it rests on folded."""
    text = page(STORIES[story]())
    parts = ['class="answer"', "What to do", "Where the time went", 'class="part"']
    order = [text.index(part) for part in parts if part in text]
    assert len(order) == len(parts) - (not STORIES[story]().advice)
    assert order == sorted(order)
    assert '<details class="part" open' not in text


def test_only_the_best_advice_is_unfolded():
    """The others are a line each."""
    text = page(STORIES["sequential_io"]())
    assert text.count('<details class="item" open>') == 1 < text.count('<details class="item"')


def test_it_loads_nothing_and_runs_nothing():
    """No script, no link, no picture, no font, no import: it can be read without a network and for ever."""
    for story in STORIES.values():
        text = page(story())
        assert not re.search(r"(?i)<(script|link|img|iframe|object|embed|base|form|svg|a)\b", text)
        assert not re.search(r"(?i)url\(|@import|@font-face|javascript:|\bon[a-z]+=", text)
        assert "default-src 'none'" in text


@pytest.mark.parametrize("number", range(len(HOSTILE) + len(MORE_HOSTILE)))
@pytest.mark.parametrize("story", ["cpu", "asyncio_blocked"])
def test_names_of_the_target_are_text(number, story):
    """Whatever they hold, the page has the elements that it has for honest names, and no control character."""
    text = [*HOSTILE, *MORE_HOSTILE][number]
    written = page(poisoned(STORIES[story](), text))
    assert written.replace("\n", "").isprintable()
    assert not re.search(r"^\s*::|##\[|##vso\[", written, re.MULTILINE)
    written.encode()
    read = Page(written)
    honest = Page(page(poisoned(STORIES[story](), "honest")))
    allowed = {tag for tag, _, _ in honest.elements} | {"code"}
    assert {tag for tag, _, _ in read.elements} <= allowed
    styles = {attributes["style"] for _, attributes, _ in read.elements if "style" in attributes}
    assert all(re.fullmatch(r"(width|left|right):[\d.]+%(;right:[\d.]+%)?", style) for style in styles)
    assert len(written) < 2_000_000


def test_escapes_are_not_undone():
    """What looks like an entity is shown as it is spelled."""
    read = Page(page(poisoned(STORIES["cpu"](), "&lt;b&gt;")))
    assert "&lt;b&gt;" in read.text()


def test_tables_say_what_they_are():
    """A caption, heads of columns and of rows, and cells under every head."""
    for story in STORIES.values():
        read = Page(page(story()))
        tables = sum(tag == "table" for tag, _, _ in read.elements)
        assert tables == sum(tag == "caption" for tag, _, _ in read.elements) > 0
        scopes = [attributes.get("scope") for tag, attributes, _ in read.elements if tag == "th"]
        assert set(scopes) == {"col", "row"}
    for rows in re.findall(r"<table.*?</table>", text_without_lines(page(STORIES["gil_queue"]())), re.DOTALL):
        widths = {len(re.findall(r"<t[hd]\b", row)) for row in re.findall(r"<tr>.*?</tr>", rows)}
        assert len(widths) == 1


def text_without_lines(text):
    return text.replace("\n", "")


def test_bars_are_as_long_as_their_shares_and_say_it_in_figures():
    """Nobody has to see a bar or its colour: the figures stand beside it."""
    diagnosis = STORIES["sequential_io"]()
    written = page(diagnosis)
    for state, share in diagnosis.breakdown.shares.items():
        if share > 0:
            row = re.search(rf"<tr><th[^>]*>{state.value}</th>.*?</tr>", written)[0]
            assert f"width:{round(100 * share, 2)}%" in row
            assert re.search(r"\d %</td>", row)
            low, high = diagnosis.breakdown.intervals[state]
            assert f"left:{round(100 * low, 2)}%;right:{100 - round(100 * high, 2):g}%" in row


def luminance(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    """Source: WCAG 2.2, definition of contrast ratio."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [html_style._LIGHT, html_style._DARK], ids=["light", "dark"])
def test_all_text_can_be_read(theme):
    """4.5 to 1 for words on both grounds, 3 to 1 for bars on their track."""
    colours = dict(re.findall(r"--([a-z]+):(#[0-9a-f]{6})", theme))
    for name in ("ink", "faint", "good", "bad", "doubt", "computing", "waiting", "queueing"):
        for ground in ("ground", "raised"):
            assert contrast(colours[name], colours[ground]) >= 4.5, (name, ground)
    for name in ("computing", "waiting", "queueing", "resting"):
        assert contrast(colours[name], colours["track"]) >= 3, name


def test_rules_reach_nothing_but_the_report():
    """In a notebook there are other outputs: every selector begins at our class, or at the notebook's theme."""
    plain = re.sub(r"@(media|container) \([^)]*\)\{((?:[^{}]*\{[^{}]*\})*)\}", r"\2", html_style.RULES)
    selectors = [selector for rule in re.findall(r"([^{}]+)\{", plain) for selector in rule.split(",")]
    assert len(selectors) > 50
    assert all(re.match(r"((\[data-jp-theme-light|\.vscode-|html\[theme)\S* )?\.iobound\b", each) for each in selectors)


def test_a_notebook_gets_the_same_without_a_page():
    """A part of somebody else's page has no head of its own, and sets no formulas."""
    diagnosis = STORIES["sequential_io"]()
    part = report.fragment(diagnosis)
    assert part in page(diagnosis)
    assert "<html" not in part and "<body" not in part
    assert 'class="iobound mathjax_ignore tex2jax_ignore"' in part
    Page(part)
