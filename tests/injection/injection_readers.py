"""What reads each format, as strictly as its real reader does, and what a person then sees of it.

A reader is a function from a report to `Read`; it raises where the report is none. A format that has no reader here
fails the suite: whoever adds one says how it is read.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

import html5lib
import jsonschema
from markdown_it import MarkdownIt
from markdown_it.token import Token
from pyinstrument.session import Session

from iobound.verbs import report

TESTS = Path(__file__).parent.parent


class Read(NamedTuple):
    """What was found in a report.

    Attributes:
        skeleton: All that must be the same whatever the names are: rows, cases, annotations, elements.
        shown: The texts that a person sees, as one.
    """

    skeleton: object
    shown: str


def json_document(text: str) -> Read:
    """A document of ours, or one for pyinstrument or speedscope; ASCII, so that nothing in it acts on a terminal."""
    assert text.isascii()
    document = json.loads(text, parse_constant=_refused)
    json.dumps(document, ensure_ascii=False).encode()  # no lone surrogate
    if isinstance(document, dict) and str(document.get("schema", "")).startswith("iobound."):
        _schema(document["schema"]).validate(document)
    return Read(_shape(document), " ".join(_strings(document)))


def session(text: str) -> Read:
    """A session of pyinstrument's, in which time in is time out."""
    read = json_document(text)
    frame = Session.from_json(json.loads(text)).root_frame()
    assert frame is not None
    frame.self_check()
    return read


def flame_graph(text: str) -> Read:
    """Profiles of speedscope's: every stack is of frames that there are, and every sample has its weight."""
    read = json_document(text)
    document = json.loads(text)
    frames = document["shared"]["frames"]
    assert document["profiles"] and all(isinstance(frame["name"], str) for frame in frames)
    for profile in document["profiles"]:
        assert profile["type"] == "sampled" and len(profile["samples"]) == len(profile["weights"])
        assert all(0 <= frame < len(frames) for stack in profile["samples"] for frame in stack)
    return read._replace(skeleton=[(profile["type"], len(profile["samples"])) for profile in document["profiles"]])


def sarif(text: str) -> Read:
    """SARIF 2.1.0 by the official schema; no message has a link in it (3.11.6)."""
    read = json_document(text)
    document = json.loads(text)
    _sarif().validate(document)
    for result in document["runs"][0]["results"]:
        assert not re.search(r"(?<!\\)\]\(", result["message"]["text"])
    return read


def gitlab(text: str) -> Read:
    """Code Quality: the documented fields, and a fingerprint for each."""
    read = json_document(text)
    issues = json.loads(text)
    for issue in issues:
        assert set(issue) == {"description", "check_name", "fingerprint", "severity", "location"}
        assert issue["severity"] in ("info", "minor", "major", "critical", "blocker")
        assert "\n" not in issue["description"]
        assert issue["location"]["path"] and issue["location"]["lines"]["begin"] >= 1
    assert len({issue["fingerprint"] for issue in issues}) == len(issues)
    return read


_ANNOTATION = re.compile(r"::(error|warning|notice) ((?:\w+=[^,:\r\n]*)(?:,\w+=[^,:\r\n]*)*)::([^\r\n]*)")
_PROPERTIES = {"file", "line", "endLine", "col", "endColumn", "title"}


def annotations(text: str) -> Read:
    """Workflow commands, a line each and nothing else, taken apart as a runner does."""
    commands, shown = [], []
    for line in text.splitlines():
        match = _ANNOTATION.fullmatch(line)
        assert match, line
        properties = dict(each.split("=", 1) for each in match[2].split(","))
        assert set(properties) <= _PROPERTIES
        for encoded in (match[3], *properties.values()):
            assert not re.search(r"%(?!25|0D|0A|3A|2C)", encoded)
        commands.append((match[1], tuple(sorted(properties))))
        shown += [_decoded(match[3]), *map(_decoded, properties.values())]
    assert len(commands) <= 10
    return Read(tuple(commands), " ".join(shown))


def _decoded(text: str) -> str:
    for code, sign in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(code, sign)
    return text


def junit(text: str) -> Read:
    """XML without a document type, whose counts are right."""
    assert "<!DOCTYPE" not in text and "<!ENTITY" not in text
    root = ElementTree.fromstring(text.encode())
    for suite in root.iter("testsuite"):
        cases = suite.findall("testcase")
        assert int(suite.get("tests", -1)) == len(cases)
        assert int(suite.get("failures", -1)) == sum(case.find("failure") is not None for case in cases)
    shown = [value for element in root.iter() for value in (*element.attrib.values(), element.text or "")]
    return Read(_elements(root), " ".join(shown))


def _elements(element: Any) -> object:
    if not isinstance(element.tag, str):
        raise AssertionError(f"a comment or an instruction: {element.text}")
    # Suites stand in the order of their names.
    return element.tag, tuple(sorted(element.attrib)), tuple(sorted(map(_elements, element), key=repr))


_OURS = re.compile(r"</?code>|<br>|</?details>|</?summary>")
_MARKER = re.compile(r"<!-- iobound:[\w-]+ -->")
_ACTIVE = re.compile(r"@\w|(?<!\w)#\d|\bGH-\d|\w://|\bwww\.|\w@\w|\bmailto:|:[a-z_+-]+:(?!\w)")
"""What GitHub makes a mention, a reference, a link or a picture of in text that is no code."""


def markdown(text: str) -> Read:
    """GitHub's Markdown: no link, picture, task, emphasis, HTML, mention or reference that is not ours."""
    tokens = list(_markdown().parse(text))
    inline = [child for token in tokens for child in token.children or ()]
    kinds = Counter(token.type for token in (*tokens, *inline) if token.type not in _FREE)
    assert not {"link_open", "image", "s_open", "blockquote_open", "hr", "code_block"} & set(kinds), kinds
    shown = []
    for token in tokens:
        if token.type == "html_block":
            assert not re.search("[<>]", _OURS.sub("", _MARKER.sub("", token.content))), token.content
            shown.append(re.sub("<[^>]*>", "", token.content))
        elif token.type == "fence":
            assert token.info in ("", "python")
            shown.append(token.content)
        elif token.type == "inline":
            shown += _inline(token.children or [])
    return Read(tuple(sorted(kinds.items())), " ".join(shown))


_FREE = ("text", "code_inline", "html_inline", "softbreak", "text_special")
"""Names are code in one way or another, whichever fits them."""


def _inline(children: list[Token]) -> Iterator[str]:
    coded = False
    for token in children:
        if token.type == "html_inline":
            assert _OURS.fullmatch(token.content), token.content
            coded = token.content == "<code>" or (coded and token.content != "</code>")
        elif token.type == "text" and not coded:
            assert not _ACTIVE.search(token.content), token.content
        if token.type in ("text", "code_inline", "text_special"):
            yield token.content


def page(text: str) -> Read:
    """HTML without an error that a parser of HTML 5 sees, which loads and runs nothing."""
    root = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text)
    shown = []
    for element in root.iter():
        assert isinstance(element.tag, str), "a comment"
        assert element.tag not in ("script", "a", "img", "link", "iframe", "object", "embed", "form", "base", "svg")
        assert not any(name.startswith("on") or name in ("href", "src") for name in element.attrib)
        if element.tag != "style":
            shown += [element.text or ""]
        shown += [element.tail or ""]
    tags = Counter(element.tag for element in root.iter() if element.tag not in ("code", "br", "span"))
    return Read(tuple(sorted(tags.items())), " ".join(shown))


def lines(text: str) -> Read:
    """Plain lines: what they begin with at the left edge are words of ours."""
    return Read(tuple(line.split()[0] for line in _at_the_edge(text)), text)


def as_many_lines(text: str) -> Read:
    """Plain lines that may begin with a name: there are as many of them."""
    return Read(len(text.splitlines()), text)


def placed_lines(text: str) -> Read:
    """Findings as editors read them: as many lines with a place and a rule. Code may have more lines."""
    return Read(len(re.findall(r":\d+:\d+: IOB\d", text)), text)


def drawing(text: str) -> Read:
    """A tree, whose branches are those of libraries or of the program by the names of their files."""
    return Read(None, text)


def _at_the_edge(text: str) -> list[str]:
    return [line for line in text.splitlines() if line[:1].strip()]


READERS: Mapping[str, Callable[[str], Read]] = {
    "text": lines,
    "log": lines,
    "tree": drawing,
    "short": as_many_lines,
    "scan text": placed_lines,
    "html": page,
    "json": json_document,
    "pyisession": session,
    "speedscope": flame_graph,
    "github": annotations,
    "gitlab": gitlab,
    "sarif": sarif,
    "junit": junit,
    "markdown": markdown,
    "summary": markdown,
}


@cache
def _markdown() -> MarkdownIt:
    return MarkdownIt("gfm-like", {"linkify": True})


@cache
def _sarif() -> jsonschema.Draft4Validator:
    file = next(TESTS.rglob("sarif-schema-2.1.0.json"))
    return jsonschema.Draft4Validator(json.loads(file.read_text(encoding="utf-8")))


@cache
def _schema(name: str) -> jsonschema.Draft202012Validator:
    """The schema in the package that documents of this name keep to."""
    kind, number = name.removeprefix("iobound.").split("/")
    file = Path(report.__file__).parent / "schema" / f"{kind}-{number}.json"
    return jsonschema.Draft202012Validator(json.loads(file.read_text(encoding="utf-8")))


def _refused(constant: str) -> None:
    raise AssertionError(f"{constant} is no JSON")


def _shape(value: object, within: str = "") -> object:
    """A document without its texts: keys, how many there are of everything, and of what type."""
    if isinstance(value, dict):
        kept = ((key, each) for key, each in value.items() if key not in _BY_NAME)
        return tuple(sorted(("" if within in _NAMED else key, _shape(each, key)) for key, each in kept))
    if isinstance(value, list):
        return tuple(map(_shape, value))
    return type(value).__name__


_NAMED = ("left_out",)
"""Objects whose keys are names."""

_BY_NAME = ("uriBaseId",)
"""Members that are there or not by what a name is: a path within the repository, or elsewhere."""


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, each in value.items():
            yield key
            yield from _strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each)
