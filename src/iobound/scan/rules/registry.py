"""All rules: one line for each module that has some."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from importlib import import_module
from typing import NamedTuple

from iobound.scan.program.view import FileView
from iobound.scan.rules.program import Program
from iobound.scan.rules.rule import Findings, Rule

MODULES = (
    "event_loop",
    "event_loop_helpers",
    "event_loop_computing",
    "event_loop_nesting",
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


class Registry(NamedTuple):
    """Everything that modules of rules offer."""

    rules: tuple[Rule, ...]
    in_file: tuple[Callable[[FileView], Findings], ...]
    in_program: tuple[tuple[frozenset[str], Callable[[Program], Findings]], ...]
    """Each with the ids of the rules that it looks for."""


@lru_cache(maxsize=1)
def registry() -> Registry:
    """The modules, loaded."""
    modules = [import_module(f"iobound.scan.rules.{name}") for name in MODULES]
    rules = sorted((rule for module in modules for rule in module.RULES), key=lambda rule: rule.id)
    return Registry(
        tuple(rules),
        tuple(module.in_file for module in modules if hasattr(module, "in_file")),
        tuple(
            (frozenset(rule.id for rule in module.RULES), module.in_program)
            for module in modules
            if hasattr(module, "in_program")
        ),
    )


def rule_ids() -> frozenset[str]:
    """Ids of all rules."""
    return frozenset(rule.id for rule in registry().rules)
