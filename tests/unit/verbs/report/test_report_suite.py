"""The summary of a suite as text and as JSON: fits, is harmless, keeps to its schema."""

from __future__ import annotations

import json

import jsonschema
import pytest
from suite_story import EVIL, MS, findings

from iobound.errors import UnreadableRecording
from iobound.verbs.report import TextStyle, suite, suite_json
from iobound.verbs.store import load_baseline


def test_the_summary_says_what_a_test_waits_for() -> None:
    """In words that can be searched for."""
    text = suite.render(findings(), TextStyle(unicode=True))
    flat = " ".join(text.split())
    assert (
        "tests/test_api.py::test_login waits 3 s, 2.10 s of it on 127.0.0.1:5432 (postgresql), at app/db.py:31" in flat
    )
    assert "tests/test_api.py::test_login sleeps 500 ms at app/db.py:40" in flat
    assert "advice: pytest -n 4: 2.5 × (2.0..2.9), 1.60 s in all" in flat
    assert "waits longer: 3 s, 1.10 s before" in flat


@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize("unicode", [True, False])
def test_the_summary_fits_and_is_harmless(width: int, unicode: bool) -> None:
    """Whatever a test is called."""
    text = suite.render(findings(EVIL, lost="it was" + EVIL), TextStyle(width=width, unicode=unicode))
    for line in text.split("\n"):
        assert len(line) <= width
        assert line.isprintable()
        assert not line.lstrip().startswith("::")
    assert "##[" not in text
    assert unicode or text.isascii()


@pytest.mark.parametrize("name", ["test_a.py::test_b", EVIL, "", "x" * 10_000])
def test_the_json_report_keeps_to_its_schema(name: str) -> None:
    """And is read back as a baseline."""
    text = suite_json.render(findings(name), "0")
    jsonschema.Draft202012Validator.check_schema(suite_json.schema())
    document = json.loads(text)
    jsonschema.Draft202012Validator(suite_json.schema()).validate(document)
    assert document["schema"] == suite_json.SCHEMA == suite_json.schema()["title"]
    assert text.isascii()


def test_a_report_is_a_baseline(tmp_path) -> None:  # type: ignore[no-untyped-def]
    """What the tests waited for is what is compared."""
    path = tmp_path / "suite.json"
    path.write_text(suite_json.render(findings(), "0"), encoding="utf-8")
    assert load_baseline(str(path)).waiting_ns == {"tests/test_api.py::test_login": 3500 * MS}


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[]", "null", '{"schema": "iobound.report/1"}', '{"schema": "iobound.suite/1", "tests": [1]}',
        '{"schema": "iobound.suite/1", "tests": [{"test": 1, "waiting_s": 1}]}',
        '{"schema": "iobound.suite/1", "tests": [{"test": "a", "waiting_s": true}]}',
        '{"schema": "iobound.suite/1", "tests": [{"test": "a", "waiting_s": -1}]}',
        '{"schema": "iobound.suite/1", "tests": [{"test": "a", "waiting_s": 1e400}]}',
        "[" * 100_000,
    ],
)  # fmt: skip
def test_what_is_no_report_is_refused(tmp_path, text: str) -> None:  # type: ignore[no-untyped-def]
    """With the path and the next step."""
    path = tmp_path / "suite.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UnreadableRecording) as refused:
        load_baseline(str(path))
    assert str(path) in refused.value.message
    assert refused.value.hint == "write one with --iobound-report json:FILE"
