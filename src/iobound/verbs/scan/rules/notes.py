"""What is told of rules: their texts, and the examples in them."""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Collection
from typing import NamedTuple

from iobound.errors import LawBroken
from iobound.model.finding import RuleNote
from iobound.verbs.scan.rules.registry import registry


class Example(NamedTuple):
    """One example of a rule's text.

    Attributes:
        is_bad: Whether the rule finds something in it.
    """

    is_bad: bool
    source: str


def rule_notes(with_text: Collection[str] | None = None) -> dict[str, RuleNote]:
    """All rules, by id.

    Args:
        with_text: Those whose documentation is wanted, too; None for all.
    """
    notes = {}
    for rule in registry().rules:
        text = text_of(rule.id) if with_text is None or rule.id in with_text else ""
        notes[rule.id] = RuleNote(rule.id, rule.name, rule.summary, rule.severity, rule.confidence, text)
    return notes


def text_of(rule: str) -> str:
    """The documentation of a rule, as Markdown.

    Raises:
        LawBroken: The rule has none.
    """
    try:
        data = pkgutil.get_data("iobound.verbs.scan.rules.texts", f"{rule}.md")
    except OSError:
        data = None
    if data is None:
        raise LawBroken(f"rule {rule} has no text")
    return data.decode("utf-8")


def examples_of(rule: str) -> list[Example]:
    """The examples of a rule's text: blocks of Python below the headings `Bad` and `Good`."""
    found = []
    for heading, body in re.findall(r"^## (\w[^\n]*)\n(.*?)(?=^## |\Z)", text_of(rule), re.DOTALL | re.MULTILINE):
        for block in re.findall(r"^```python\n(.*?)^```", body, re.DOTALL | re.MULTILINE):
            if heading.strip() in ("Bad", "Good"):
                found.append(Example(heading.strip() == "Bad", block))
    return found
