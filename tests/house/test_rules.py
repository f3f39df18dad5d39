"""Rules in code, documentation and tests are the same set."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from iobound.verbs.scan.rules import known
from iobound.verbs.scan.rules.registry import registry

FAMILIES: Mapping[str, str] = {
    "IOB1": "Event loops that are stopped",
    "IOB2": "Waits in sequence that could overlap",
    "IOB3": "The wrong tool for the work",
    "IOB4": "What threads share",
    "IOB5": "What cannot go to another process",
    "IOB6": "How processes start",
    "IOB7": "Cheap wins",
    "IOB9": "Notes",
}


def index() -> str:
    """What docs/rules.md has to say: `python tests/house/test_rules.py` writes it."""
    lines = [
        "# Rules of `iobound scan`",
        "",
        "`iobound explain IOB201` tells all of a rule. *On*: looked for unless something else is asked for.",
        "",
    ]
    for prefix, title in FAMILIES.items():
        lines += [f"## {prefix}xx: {title}", "", "| rule | name | what | severity | on |", "|---|---|---|---|---|"]
        for rule in registry().rules:
            if rule.id.startswith(prefix):
                on = "yes" if rule.default else ""
                lines.append(f"| {rule.id} | {rule.name} | {rule.summary} | {rule.severity} | {on} |")
        lines.append("")
    return "\n".join(lines)


def test_the_list_of_rules_is_up_to_date(project: Path) -> None:
    """Whoever adds a rule writes it with `python tests/house/test_rules.py`."""
    assert (project / "docs" / "rules.md").read_text(encoding="utf-8") == index()


def test_rules_have_names_and_families_of_their_own() -> None:
    """An id and a name stand for one rule."""
    rules = registry().rules
    assert len({rule.id for rule in rules}) == len({rule.name for rule in rules}) == len(rules)
    for rule in rules:
        assert rule.id[:4] in FAMILIES
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", rule.name), rule.name
        assert rule.summary.endswith("."), rule.id


def test_every_rule_is_tried_on_annotated_sources(project: Path) -> None:
    """Each has a line somewhere that it is expected at; comments that silence have tests of their own."""
    texts = [path.read_text(encoding="utf-8") for path in (project / "tests" / "scan_files").rglob("*.py")]
    expected = {
        rule for text in texts for line in re.findall(r"# expect: (.+)", text) for rule in re.findall(r"IOB\d+", line)
    }
    assert {rule.id for rule in registry().rules} - expected <= {"IOB904", "IOB906"}


def test_every_text_belongs_to_a_rule(project: Path) -> None:
    """No text is left of a rule that there is no more."""
    texts = {path.stem for path in (project / "src" / "iobound" / "verbs" / "scan" / "rules" / "texts").glob("*.md")}
    assert texts == {rule.id for rule in registry().rules}


def test_ids_that_are_known_without_loading_the_rules_are_those_of_the_rules():
    rules, extra = registry().rules, [each.rules for each in registry().in_file if each.extra]

    assert {rule.id for rule in rules if rule.default} == known.DEFAULT
    assert {rule.id for rule in rules if not rule.default} == known.OTHERS
    assert frozenset().union(*extra) == known.EXTRA


if __name__ == "__main__":
    (Path(__file__).parents[2] / "docs" / "rules.md").write_text(index(), encoding="utf-8")
