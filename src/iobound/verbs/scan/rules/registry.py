"""All rules: one line for each module that has some."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from importlib import import_module
from typing import NamedTuple

from iobound.verbs.scan.program.view import FileView
from iobound.verbs.scan.rules.program import Program
from iobound.verbs.scan.rules.rule import Findings, Rule

MODULES = (
    "event_loop",
    "event_loop_helpers",
    "event_loop_computing",
    "event_loop_nesting",
    "handlers",
    "sequential_awaits",
    "in_sequence",
    "python_items",
    "upkeep",
    "pacing",
    "per_item",
    "side_by_side",
    "files",
    "clients",
    "rows",
    "wrong_tool",
    "pools",
    "racing_writes",
    "process_wide",
    "shared_objects",
    "late_binding",
    "held_locks",
    "processes",
    "unresolved",
    "dead_effects",
)
"""Modules of this package with `RULES`, and `in_file`, `in_program` or both."""


class InFile(NamedTuple):
    """Looks at one file.

    Attributes:
        rules: Ids of what it looks for.
        extra: Whether none of them is on by default: then it looks when somebody asks for one.
    """

    rules: frozenset[str]
    extra: bool
    look: Callable[[FileView], Findings]


class InProgram(NamedTuple):
    """Looks at the linked program, for some rules."""

    rules: frozenset[str]
    look: Callable[[Program], Findings]


class Registry(NamedTuple):
    """Everything that modules of rules offer."""

    rules: tuple[Rule, ...]
    in_file: tuple[InFile, ...]
    in_program: tuple[InProgram, ...]


def load_rules() -> Iterator[object]:
    """Load the modules of rules one after another, for those who have time now and will need them later."""
    for name in MODULES:
        yield import_module(f"iobound.verbs.scan.rules.{name}")


@lru_cache(maxsize=1)
def registry() -> Registry:
    """The modules, loaded."""
    modules = [import_module(f"iobound.verbs.scan.rules.{name}") for name in MODULES]
    rules = sorted((rule for module in modules for rule in module.RULES), key=lambda rule: rule.id)
    with_finds = [(getattr(module, "FINDS", module.RULES), module) for module in modules]
    with_ids = [(frozenset(rule.id for rule in finds), finds, module) for finds, module in with_finds]
    return Registry(
        tuple(rules),
        tuple(
            InFile(ids, not any(rule.default for rule in finds), module.in_file)
            for ids, finds, module in with_ids
            if hasattr(module, "in_file")
        ),
        tuple(InProgram(ids, module.in_program) for ids, _, module in with_ids if hasattr(module, "in_program")),
    )
