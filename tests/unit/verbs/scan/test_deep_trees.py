"""Trees that the parser makes, but that are deeper than a walk which calls itself can go."""

from __future__ import annotations

import pytest

from iobound.verbs.scan.scanning import findings, read_facts

LOOP = """\
import requests


def f(xs):
    out = []
    for x in xs:
        r = requests.get(x)
{}        out.append(r)
"""

DEEP = {
    "sums": LOOP.format("        y = 1" + " + 1" * 2500 + "\n"),
    "calls": LOOP.format("        y = a" + ".b()" * 1300 + "\n"),
    "attributes": LOOP.format("        y = a" + ".b" * 2500 + "\n"),
    "targets": LOOP.format("        a" + ".b" * 2500 + " = r\n"),
    "lambdas": LOOP.format("        y = " + "lambda: " * 1300 + "r\n"),
    "elif": LOOP.format("        if x:\n            pass\n" + "        elif r:\n            pass\n" * 2500),
    "waits": "import requests\nfor x in y:\n    z = " + " + ".join(["requests.get(x)"] * 1200) + "\n",
    "aliases": "import requests\nx0 = requests\n"
    + "".join(f"x{n + 1} = x{n}\n" for n in range(3000))
    + "x3000.get(1)\n",
    "callers": "import time\ndef f0(): time.sleep(1)\n" + "".join(f"def f{n + 1}(): f{n}()\n" for n in range(3000)),
    "contexts": "with a" + ".b()" * 1300 + " as x:\n    x.get(1)\n",
    "decorators": "@a" + ".b()" * 1300 + "\ndef f(): pass\n",
    "annotations": "def f(x: a" + "[b]" * 2500 + "): x.get(1)\n",
    "bases": "class A(a" + ".b" * 2500 + "): pass\n",
}


@pytest.mark.parametrize("source", DEEP.values(), ids=DEEP.keys())
def test_a_deep_file_is_scanned_or_told_to_be_too_deep(source: str) -> None:
    """Nothing is raised, and the same again when its loops are judged."""
    files = {"a.py": source.encode()}
    facts = {file: read_facts(file, data) for file, data in files.items()}
    assert all(each.span.line <= source.count("\n") + 1 for each in findings(facts, files.get))
    assert facts["a.py"].lines == source.count("\n")


def test_what_is_shallow_in_a_deep_file_is_found() -> None:
    """A sum of thousands of terms beside a loop takes nothing away from it."""
    files = {"a.py": DEEP["sums"].encode()}
    found = findings({"a.py": read_facts("a.py", files["a.py"])}, files.get)
    assert any(each.line == 6 for each in found)


def test_a_number_that_cannot_be_written_in_decimal_digits_is_told() -> None:
    """Python reads it, and `repr` of it raises."""
    source = f"import requests\nfor x in y:\n    requests.get(x, 0x{'f' * 5000})\n".encode()
    facts = read_facts("m.py", source)
    assert [(each.rule, each.span.line) for each in facts.findings] == [("IOB904", 3)]
    assert "digits" in facts.findings[0].message


def test_many_hexadecimal_digits_in_a_text_are_a_text() -> None:
    """Of which there are keys and pictures."""
    assert not read_facts("m.py", f"x = '0x{'f' * 5000}'\n".encode()).unread
