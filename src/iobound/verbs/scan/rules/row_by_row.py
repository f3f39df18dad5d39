"""Why each row may be asked for, or written, by itself on purpose."""

from __future__ import annotations

import ast
import re

from iobound.verbs.scan.rules.loops import Story, Wait

FEW_ROWS = 20
"""Items up to which a list that the source writes out holds few rows."""

_COUNTING = re.compile(rb"\browcount\b")


def is_seldom_run(story: Story) -> bool:
    """Whether it is done once for each database, or for a few rows that the source writes out."""
    return 0 <= story.traits.most <= FEW_ROWS or story.subject.key in story.program.migrating


def is_one_by_one(story: Story, wait: Wait) -> bool:
    """Whether each row may fail by itself, or says itself whether it was changed: no statement for all gives that."""
    traits = story.traits
    if wait.site.span in traits.patterns or any(each.kind == "subprocess" for each in story.waits):
        return True  # no list of values does for patterns; beside a child process a query takes no time
    return wait.site.span in traits.guarded or _says_whether_changed(story, wait)


def _says_whether_changed(story: Story, wait: Wait) -> bool:
    """Whether the function that is called gives back what the number of changed rows says."""
    function = wait.effect.through
    if function is None or not story.program.closeup.mentions(function.module, _COUNTING):
        return False
    code = story.program.closeup.named(function.module, story.program.tree.function(function).name)
    nodes = story.program.closeup.nodes(code) if code is not None else ()
    counted = {
        name
        for node in nodes
        if isinstance(node, ast.Assign) and _counts(node.value)
        for name in (getattr(target, "id", "") for target in node.targets)
    }
    given = [node.value for node in nodes if isinstance(node, ast.Return) and node.value is not None]
    return any(_counts(value) or not counted.isdisjoint(_names(value)) for value in given)


def _counts(node: ast.expr) -> bool:
    return any(isinstance(part, ast.Attribute) and part.attr == "rowcount" for part in ast.walk(node))


def _names(node: ast.expr) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
