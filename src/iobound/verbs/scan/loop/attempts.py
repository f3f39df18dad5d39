"""Loops whose rounds are attempts at the same, alternatives in turn, or questions whether something is ready."""

from __future__ import annotations

import ast
import re

from iobound.verbs.scan.loop.ordering import always_leaves
from iobound.verbs.scan.loop.view import View
from iobound.verbs.scan.syntax.names import spelled
from iobound.verbs.scan.syntax.sources import Source
from iobound.verbs.scan.syntax.survey import LoopNode
from iobound.verbs.scan.syntax.walking import children, walk

_ATTEMPTS = re.compile(r"(?i)attempt|retr(y|ies)|\btries\b|backoff")
_ATTEMPT = re.compile(r"(?i)attempt|retr|\btry|\btri")
_SUCCESS = frozenset({"is_success", "ok", "status", "status_code"})
"""Attributes of answers that say whether a request has worked."""

_LOOPS = (ast.For, ast.AsyncFor, ast.While)
_APART = (*_LOOPS, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


def tries_again(view: View, source: Source) -> bool:
    """`for attempt in range(3)`, or a loop that ends once what it tries does not fail."""
    loop = view.loop
    if not isinstance(loop, _LOOPS):
        return False
    leaves = any(way.word in ("break", "return") for way in view.usage.exits)
    head = source.slice(loop.test if isinstance(loop, ast.While) else loop.target)
    if isinstance(loop, ast.For | ast.AsyncFor):
        head += f" {source.slice(loop.iter)}"
    if _ATTEMPTS.search(head) and (leaves or isinstance(loop, ast.While)):
        return True
    if _enters_its_item(loop):
        return True
    if _falls_back(loop) or (not isinstance(loop, ast.While) and always_leaves(loop.body)):
        return True
    counted = isinstance(loop, ast.While) or (isinstance(loop, ast.For) and _is_range(loop.iter))
    if counted and leaves and _catches(loop) and (isinstance(loop, ast.While) or is_idle(view)):
        return True
    return asks_for_state(view)


def asks_for_state(view: View) -> bool:
    """`for _ in range(10): …; if answer.ok: return`: each round asks the same, until the answer is as it should be."""
    loop, used = view.loop, view.usage
    if not (isinstance(loop, ast.For) and _is_range(loop.iter) and is_idle(view)):
        return False
    leaves = any(way.word in ("break", "return") and way.tests for way in used.exits)
    carried = {name for name in used.written if name in used.early} | set(used.updates)
    return leaves and not carried and not _keeps_answers(view)


def _keeps_answers(view: View) -> bool:
    """Whether rounds put something into what is there afterwards."""
    adding = (call.func for call in view.usage.calls if isinstance(call.func, ast.Attribute))
    kept = any(func.attr in ("append", "extend", "add", "update") and view.is_outer(func.value) for func in adding)
    return kept or bool(view.usage.stores) or any(way.word == "yield" for way in view.usage.exits)


def only_tests_answers(view: View) -> bool:
    """Whether what a round is given serves for nothing but the tests that leave the loop."""
    private = view.usage.private
    tested = {part for node in view.nodes if isinstance(node, ast.If) for part in walk(node.test)}
    for node in view.nodes:
        if isinstance(node, ast.Assign) and all(getattr(each, "id", "") in private for each in node.targets):
            tested.update(walk(node.value))  # what it is put into is looked at in its turn
    reads = [node for name in private for node in view.usage.reads.get(name, ())]
    last = view.loop.end_lineno or view.loop.lineno
    after = {
        node.id
        for node in walk(view.function.node)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.lineno > last
    }
    return all(read in tested for read in reads) and not after & set(private)


def is_idle(view: View) -> bool:
    """Whether a loop has no use for its items."""
    if isinstance(view.loop, ast.While):
        return False
    return not any(name in view.usage.reads for name in view.usage.targets)


def _enters_its_item(loop: ast.For | ast.AsyncFor | ast.While) -> bool:
    """`for attempt in retrying: with attempt: …`, as of tenacity and stamina."""
    if isinstance(loop, ast.While) or len(loop.body) != 1 or not isinstance(loop.target, ast.Name):
        return False
    only = loop.body[0]
    entered = only.items[0].context_expr if isinstance(only, ast.With | ast.AsyncWith) else None
    return isinstance(entered, ast.Name) and entered.id == loop.target.id and bool(_ATTEMPT.search(entered.id))


def _catches(loop: ast.For | ast.AsyncFor | ast.While) -> bool:
    return any(isinstance(node, ast.Try) and node.handlers for node in loop.body)


def _falls_back(loop: ast.For | ast.AsyncFor | ast.While) -> bool:
    """Whether it goes through alternatives until one of them does not fail."""
    for node in loop.body:
        if isinstance(node, ast.Try) and node.handlers:
            ends = (*node.body[-1:], *node.orelse[-1:])
            if any(isinstance(end, ast.Return | ast.Break) for end in ends):
                return True
            if not isinstance(loop, ast.While) and any(map(_leaves_on_success, (*node.body, *node.orelse))):
                return True
    return False


def _leaves_on_success(statement: ast.AST) -> bool:
    """`if answer.ok: return …`, at any depth of tests."""
    if isinstance(statement, _APART):
        return False
    if isinstance(statement, ast.If):
        asked = {part.attr for part in walk(statement.test) if isinstance(part, ast.Attribute)}
        if asked & _SUCCESS and isinstance(statement.body[-1], ast.Return | ast.Break):
            return True
    return any(_leaves_on_success(each) for each in children(statement) if isinstance(each, ast.stmt))


def _is_range(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and spelled(node.func) in ("range", "itertools.count", "count", "repeat")


def event_asked(loop: LoopNode) -> str:
    """What the test of a `while` asks by `is_set()`, as the source spells it; empty where it does not."""
    parts = walk(loop.test) if isinstance(loop, ast.While) else ()
    asked = (part.func.value for part in parts if isinstance(part, ast.Call) and _asks_event(part))  # type: ignore[attr-defined]
    return next((spelled(value) for value in asked), "")


def _asks_event(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr == "is_set" and not call.args
