"""No tree of sources, however mangled, makes a scan raise, and what it says of them keeps some laws."""

from __future__ import annotations

import ast
import json
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from iobound.model.scan_options import ScanOptions
from iobound.verbs.scan import scanning
from iobound.verbs.scan.choice import settings as scan_settings
from iobound.verbs.scan.program.codec import facts_as_bytes, facts_from_bytes
from iobound.verbs.scan.telling import tell

CASES = sorted((Path(__file__).parents[1] / "scan_files").rglob("*.py"))
OURS = sorted((Path(__file__).parents[2] / "src" / "iobound").rglob("*.py"))
ALL = scan_settings(ScanOptions(select=("ALL",)))
PIECES = (
    b"", b"\0", b"\xe4", b"(", b")", b"\n", b"    ", b"\t", b"\r", b"\x0c", b"'''", b'"', b":", b"#", b"\\", b"async ",
    b"await ", b"lambda: ", b"yield ", b"with ", b"for x in ", b"*", b"**", b"=", b":=", b"global x\n", b"\xff\xfe",
    b"# iobound: ignore[", b"# noqa: IOB", b"import ", b"from . import *\n", b"class ", b"def ", b"@", b"del ", b"...",
)  # fmt: skip


def scan(files: dict[str, bytes]) -> list[object]:
    """The whole way of a scan, with the cache's round trip; returns what is told."""
    tops = scanning.tops_of(files)
    facts = {file: scanning.read_facts(file, data, tops) for file, data in files.items()}
    for file, each in facts.items():
        assert facts_from_bytes(facts_as_bytes(each), file) is not None
    told = tell(scanning.findings(facts, files.get), facts, files.get, ALL)
    for finding in told.findings:
        assert finding.file in files
        assert finding.rule in ALL.rules.known
        lines = len(files[finding.file].replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n"))
        assert 1 <= finding.span.line <= finding.span.end_line <= max(lines, 1)
        assert "\n" not in finding.message and "\n" not in finding.hint
    return list(told.findings)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A real file with pieces cut out, doubled, moved or replaced."""
    source = draw(st.sampled_from([*CASES, *OURS])).read_bytes()[: draw(st.sampled_from([400, 4000, 40_000]))]
    chance = random.Random(draw(st.integers(0, 1 << 32)))
    for _ in range(draw(st.integers(1, 6))):
        start = chance.randrange(len(source) + 1)
        end = min(len(source), start + chance.choice((0, 1, 3, 30, 300)))
        piece = chance.choice((*PIECES, source[start:end] * 2, source[-40:]))
        source = source[:start] + piece + source[end:]
    return source


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(files=st.lists(mutated() | st.binary(max_size=200), min_size=1, max_size=3))
def test_mutated_real_files_never_make_it_raise(files: list[bytes]) -> None:
    scan({f"pkg/m{number}.py": data for number, data in enumerate(files)} | {"pkg/__init__.py": b"from .m0 import *\n"})


NAMES = ("a", "b", "self", "os", "time", "asyncio", "requests", "pool", "open", "C", "f", "g", "lock", "q")
ATTRIBUTES = ("get", "sleep", "read", "submit", "map", "result", "acquire", "append", "x", "f", "Session", "Lock")


def expressions() -> st.SearchStrategy[str]:
    return st.recursive(
        st.sampled_from([*NAMES, "1", "'s'", "None", "[]", "{}"]),
        lambda inner: st.one_of(
            st.builds("{}.{}".format, inner, st.sampled_from(ATTRIBUTES)),
            st.builds("{}({})".format, inner, inner),
            st.builds("{}({}, timeout={})".format, inner, inner, inner),
            st.builds("(await {})".format, inner),
            st.builds("[{} for a in {} if {}]".format, inner, inner, inner),
            st.builds("(lambda b: {})({})".format, inner, inner),
            st.builds("({} if {} else {})".format, inner, inner, inner),
            st.builds("{}[{}]".format, inner, inner),
            st.builds("(a := {})".format, inner),
        ),
        max_leaves=8,
    )


def indented(texts: list[str]) -> str:
    return "\n".join("    " + line for text in texts for line in text.split("\n"))


def statements() -> st.SearchStrategy[str]:
    simple = st.one_of(
        expressions(),
        st.builds("{} = {}".format, st.sampled_from(["a", "b", "self.x", "a[b]", "a, b", "*a, b"]), expressions()),
        st.builds("a += {}".format, expressions()),
        st.builds("return {}".format, expressions()),
        st.builds("yield {}".format, expressions()),
        st.builds("b: C = {}".format, expressions()),
        st.sampled_from(
            ["import os, time", "from requests import get as f", "from .m0 import *", "global a", "pass", "break",
             "import requests", "lock = threading.Lock()", "from threading import Lock", "raise a", "del a"]
        ),
    )  # fmt: skip
    heads = st.sampled_from(
        ["for a in b:", "while a:", "if __name__ == '__main__':", "if a:", "with a as b:", "with lock:", "def f(a):",
         "async def g(a, *b):", "class C(a):", "async with a as b:", "async for a in b:", "@a\ndef f(): ", "try:"]
    )  # fmt: skip

    def block(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        def text(head: str, body: list[str]) -> str:
            end = "\nfinally:\n    pass" if head == "try:" else ""
            return f"{head}\n{indented(body)}{end}"

        return st.builds(text, heads, st.lists(inner, min_size=1, max_size=4))

    return st.recursive(simple, block, max_leaves=14)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(files=st.lists(st.lists(statements(), min_size=1, max_size=6).map("\n".join), min_size=1, max_size=3))
def test_generated_programs_never_make_it_raise(files: list[str]) -> None:
    scan({f"pkg/m{number}.py": text.encode() for number, text in enumerate(files)} | {"pkg/__init__.py": b""})


CHAINS = (
    "from .m1 import f\n", "from .m0 import f\n", "from . import *\n", "class C(C): pass\n", "f = g\ng = f\n",
    "def f(): return f()\n", "class A(B): pass\nclass B(A):\n    def m(self): self.x = self.m()\n", "x = x.y().z\n",
    "def f():\n    return g()\ndef g():\n    return f().a\nfor i in f(): g()\n",
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(files=st.lists(st.lists(st.sampled_from(CHAINS), min_size=1, max_size=4).map("".join), min_size=2, max_size=4))
def test_circles_of_imports_bases_and_results_end(files: list[str]) -> None:
    tree = {f"pkg/m{number}.py": text.encode() for number, text in enumerate(files)}
    scan(tree | {"pkg/__init__.py": b"from .m0 import *\nfrom .m1 import *\n"})


@pytest.mark.parametrize(
    "deep", ["a" + ".b" * 900, "f" + "()" * 900, "[" * 90 + "]" * 90, "-" * 900 + "1", "lambda: " * 90 + "1"]
)
def test_what_the_parser_takes_is_scanned_however_deep(deep: str) -> None:
    source = f"async def g():\n    x = {deep}\n    {deep}\n"
    try:
        ast.parse(source)
    except (SyntaxError, RecursionError, MemoryError):
        pytest.skip("this interpreter does not parse it")
    assert [each.rule for each in scan({"deep.py": source.encode()}) if each.rule == "IOB904"] == []


@settings(max_examples=80, deadline=None)
@given(
    document=st.recursive(
        st.none() | st.booleans() | st.integers(-3, 9) | st.text(max_size=20) | st.just("import time\ntime.sleep(1)"),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(["cells", "cell_type", "source", "code", "metadata", "worksheets"]), inner
            )
        ),
        max_leaves=12,
    )
)
def test_notebooks_of_any_json_never_make_it_raise(document: object) -> None:
    scan({"book.ipynb": json.dumps(document).encode()})
