"""IOB401 to IOB403: functions that run in several threads at once and change what they share, in more than one step."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from iobound.model.finding import Confidence, Severity
from iobound.verbs.scan.program.workers import Reached
from iobound.verbs.scan.rules.program import Program
from iobound.verbs.scan.rules.rule import Findings, Rule
from iobound.verbs.scan.rules.shared_places import is_same, shared_place, unlocked
from iobound.verbs.scan.syntax.names import spelled

_E, _W, _H, _M = Severity.ERROR, Severity.WARNING, Confidence.HIGH, Confidence.MEDIUM

GLOBAL = Rule("IOB401", "update-of-a-shared-name", _E, _H, "Threads update a name that they share without a lock.")
ATTRIBUTE = Rule("IOB402", "update-of-a-shared-object", _E, _M, "Threads update an attribute or item that they share.")
CHECK = Rule("IOB403", "check-then-act", _W, _M, "Threads look whether something is there, and then add it.")
RULES = (GLOBAL, ATTRIBUTE, CHECK)

_ADDING = frozenset({"add", "append", "update", "setdefault", "pop", "remove"})
_COLLECTS = (ast.List, ast.ListComp, ast.Tuple)


def in_program(program: Program) -> Findings:
    """Look at every function of which several calls run at once in threads."""
    for reached in program.workers.in_threads:
        if reached.worker.overlaps:
            for node in unlocked(program.closeup, reached):
                yield from _update(program, reached, node)
                yield from _check(program, reached, node)


def _update(program: Program, reached: Reached, node: ast.AST) -> Findings:
    target = _updated(node)
    place = None if target is None else shared_place(reached, target)
    if target is None or place is None or not isinstance(node, ast.stmt):
        return
    if isinstance(target, ast.Name) and target.id not in reached.code.scope.redirected:
        return
    rule = GLOBAL if isinstance(target, ast.Name) else ATTRIBUTE
    text = spelled(target).replace("[]", "[…]")
    yield rule.at(
        program.file(reached.code.module),
        reached.code.view.span(node),
        f"`{text}` is read and then written by threads that run `{reached.worker.name}`: updates get lost in between",
        hint="hold a lock around it, or give the value back and add up the results",
        function=reached.code.name,
        chain=reached.chain,
        confidence=None if len(reached.chain) < 2 else _M,
    )


def _updated(node: ast.AST) -> ast.expr | None:
    """What a statement reads and writes: `n += 1`, `n = n + 1`; lists that grow in place lose nothing."""
    if isinstance(node, ast.AugAssign) and not isinstance(node.value, _COLLECTS):
        return node.target
    if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.value, ast.BinOp):
        target = node.targets[0]
        if isinstance(target, ast.Name | ast.Attribute | ast.Subscript):
            if any(is_same(side, target) for side in (node.value.left, node.value.right)):
                return target
    return None


def _check(program: Program, reached: Reached, node: ast.AST) -> Findings:
    if not isinstance(node, ast.If):
        return
    for container in _looked_into(node.test):
        place = shared_place(reached, container)
        if place is not None and _acts_on(node.body, container) and not _only_tells(node.body):
            yield CHECK.at(
                program.file(reached.code.module),
                reached.code.view.span(node),
                f"threads that run `{reached.worker.name}` look into `{place.path}` and then add to it: two may "
                "find nothing, and both act",
                hint="hold a lock around both, or use one step that does both, such as `setdefault`",
                function=reached.code.name,
                chain=reached.chain,
            )
            return


def _looked_into(test: ast.expr) -> Iterator[ast.expr]:
    """Containers of which a condition asks whether something is in them."""
    for node in ast.walk(test):
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.NotIn):
            yield node.comparators[0]


def _only_tells(body: list[ast.stmt]) -> bool:
    """Whether nothing but a message is given, once: a second one does no harm."""
    statements = [node for each in body for node in ast.walk(each) if isinstance(node, ast.stmt)]
    calls = [each.value for each in statements if isinstance(each, ast.Expr) and isinstance(each.value, ast.Call)]
    if any(isinstance(each, ast.Return | ast.AugAssign | ast.Delete | ast.With) for each in statements):
        return False
    names = [spelled(call.func).lower() for call in calls]
    messages = [name for name in names if any(word in name for word in ("warn", "log", "print"))]
    return bool(messages) and len(names) - len(messages) <= 1  # the other one adds


def _acts_on(body: list[ast.stmt], container: ast.expr) -> bool:
    """Whether statements add to a container."""
    for statement in body:
        for node in ast.walk(statement):
            if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store) and is_same(node.value, container):
                return True
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _ADDING:
                if is_same(node.func.value, container):
                    return True
    return False
