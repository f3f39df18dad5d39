"""A loop written with a pool of threads, with the program's own names.

Only what is surely the same work is written: where an iteration does more than work out a value and hand it on, there
is no text.
"""

from __future__ import annotations

import ast
from typing import NamedTuple

from iobound.verbs.scan.syntax.survey import ComprehensionNode, LoopNode

WORKERS = 16
LONGEST = 100
"""Characters of a line beyond which a text explains nothing."""

_MOST = 12
"""Statements of an iteration beyond which the text would only repeat the source."""

_LEAVING = (ast.Return, ast.Yield, ast.YieldFrom, ast.Continue, ast.Break, ast.Await, ast.Global, ast.Nonlocal)
_HANDING_ON = frozenset({"append", "add", "write", "writerow", "put", "send"})
_IMPORT = "from concurrent.futures import ThreadPoolExecutor"
_POOL = f"with ThreadPoolExecutor(max_workers={WORKERS}) as pool:"


class _Parts(NamedTuple):
    """An iteration taken apart: what is worked out, and the statement that hands the value on."""

    work: list[ast.stmt]
    value: ast.expr
    handing: ast.stmt | None


def threaded(loop: LoopNode) -> str:
    """The loop with a pool of threads, empty where that cannot be written in a few lines."""
    try:
        if isinstance(loop, ast.For):
            lines = _statement(loop)
        elif isinstance(loop, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            lines = _comprehension(loop)
        else:
            lines = []
    except (RecursionError, ValueError):
        return ""
    if not lines or any(len(line) > LONGEST for line in lines):
        return ""
    text = "\n".join([_IMPORT, "", *lines])
    try:
        ast.parse(text)
    except SyntaxError:
        return ""
    return text


def _statement(loop: ast.For) -> list[str]:
    parts = _taken_apart(loop.body)
    if parts is None or loop.orelse or len(loop.body) > _MOST:
        return []
    taken = {node.id for node in ast.walk(loop) if isinstance(node, ast.Name)}
    target, items = loop.target, ast.unparse(loop.iter)
    helper: list[str] = []
    mapped = None if parts.work else _callee(parts.value, target)
    if mapped is None:
        mapped = _fresh("one", taken)
        helper = _function(mapped, target, parts, taken)
    if parts.handing is None:
        return [*helper, _POOL, f"    for _ in pool.map({mapped}, {items}):", "        pass"]
    result = _fresh("result", taken)
    reads = {node.id for node in ast.walk(_without_value(parts)) if isinstance(node, ast.Name)}
    over = f"pool.map({mapped}, {items})"
    given = result
    if reads & {node.id for node in ast.walk(target) if isinstance(node, ast.Name)}:
        if not _can_repeat(loop.iter):
            return []
        given, over = f"{_bare(target, nested=True)}, {result}", f"zip({items}, {over})"
    handed = ast.unparse(_with_value(parts, result)).split("\n")
    return [*helper, _POOL, f"    for {given} in {over}:", *(f"        {line}" for line in handed)]


def _comprehension(loop: ComprehensionNode) -> list[str]:
    if len(loop.generators) != 1 or loop.generators[0].is_async:
        return []
    generator = loop.generators[0]
    if any(isinstance(node, ast.Call) for test in generator.ifs for node in ast.walk(test)):
        return []  # the filter may be what waits
    value = loop.value if isinstance(loop, ast.DictComp) else loop.elt
    if any(isinstance(node, ast.Await) for node in ast.walk(value)):
        return []
    items = ast.unparse(generator.iter)
    if generator.ifs:
        tests = " ".join(f"if {ast.unparse(test)}" for test in generator.ifs)
        bare = _bare(generator.target)
        items = f"[{bare} for {bare} in {items} {tests}]"
    taken = {node.id for node in ast.walk(loop) if isinstance(node, ast.Name)}
    mapped = _callee(value, generator.target)
    helper: list[str] = []
    if mapped is None:
        mapped = _fresh("one", taken)
        helper = _function(mapped, generator.target, _Parts([], value, None), taken, returns=True)
    if isinstance(loop, ast.DictComp):
        if ast.unparse(loop.key) != ast.unparse(generator.target) or not _can_repeat(generator.iter):
            return []
        return [*helper, _POOL, f"    results = dict(zip({items}, pool.map({mapped}, {items})))"]
    kind = "set" if isinstance(loop, ast.SetComp) else "list"
    return [*helper, _POOL, f"    results = {kind}(pool.map({mapped}, {items}))"]


def _taken_apart(body: list[ast.stmt]) -> _Parts | None:
    if any(isinstance(node, _LEAVING) for statement in body for node in ast.walk(statement)):
        return None
    last = body[-1]
    value = _handed_on(last)
    if value is not None:
        return _Parts(body[:-1], value, last)
    if any(isinstance(node, ast.AugAssign) for statement in body for node in ast.walk(statement)):
        return None
    if len(body) == 1 and isinstance(last, ast.Expr):
        return _Parts([], last.value, None)
    return _Parts(body, ast.Constant(None), None)


def _handed_on(statement: ast.stmt) -> ast.expr | None:
    """The value that the last statement of an iteration hands on to what iterations share."""
    if isinstance(statement, ast.AugAssign):
        return statement.value
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        return statement.value if isinstance(statement.targets[0], ast.Subscript) else None
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        call = statement.value
        is_handing = isinstance(call.func, ast.Attribute) and call.func.attr in _HANDING_ON
        is_print = isinstance(call.func, ast.Name) and call.func.id == "print"
        if (is_handing or is_print) and len(call.args) == 1 and not call.keywords:
            return None if isinstance(call.args[0], ast.Starred) else call.args[0]
    return None


class _Put(ast.NodeTransformer):
    """Puts a name in the place of one expression."""

    def __init__(self, old: ast.expr, name: str) -> None:
        self._old = old
        self._name = name

    def visit(self, node: ast.AST) -> ast.AST:
        return ast.Name(self._name, ast.Load()) if node is self._old else self.generic_visit(_shallow(node))


def _shallow(node: ast.AST) -> ast.AST:
    """A copy whose fields can be changed: the tree belongs to others, too."""
    fields = {name: list(value) if isinstance(value, list) else value for name, value in ast.iter_fields(node)}
    return ast.copy_location(type(node)(**fields), node)


def _with_value(parts: _Parts, name: str) -> ast.stmt:
    assert parts.handing is not None
    put = _Put(parts.value, name).visit(parts.handing)
    assert isinstance(put, ast.stmt)
    return ast.fix_missing_locations(put)


def _without_value(parts: _Parts) -> ast.stmt:
    return _with_value(parts, "_")


def _callee(value: ast.expr, target: ast.expr) -> str | None:
    """What can be mapped as it is: a call that takes the item and nothing else."""
    if not (isinstance(value, ast.Call) and isinstance(target, ast.Name) and len(value.args) == 1):
        return None
    if value.keywords or not (isinstance(value.args[0], ast.Name) and value.args[0].id == target.id):
        return None
    if any(isinstance(node, ast.Call) for node in ast.walk(value.func)):
        return None  # made anew for each item
    named = {node.id for node in ast.walk(value.func) if isinstance(node, ast.Name)}
    return None if target.id in named else ast.unparse(value.func)


def _function(name: str, target: ast.expr, parts: _Parts, taken: set[str], *, returns: bool = False) -> list[str]:
    parameter = target.id if isinstance(target, ast.Name) else _fresh("item", taken)
    lines = [f"def {name}({parameter}):"]
    if not isinstance(target, ast.Name):
        lines.append(f"    {_bare(target)} = {parameter}")
    for statement in parts.work:
        lines += [f"    {line}" for line in ast.unparse(statement).split("\n")]
    if not (isinstance(parts.value, ast.Constant) and parts.value.value is None):
        gives = returns or parts.handing is not None
        lines.append(f"    {'return ' if gives else ''}{ast.unparse(parts.value)}")
    return [*lines, "", ""]


def _bare(target: ast.expr, *, nested: bool = False) -> str:
    text = ast.unparse(target)
    if isinstance(target, ast.Tuple):
        inner = text.removeprefix("(").removesuffix(")")
        return f"({inner})" if nested else inner
    return text


def _can_repeat(items: ast.expr) -> bool:
    """Whether asking for the items twice gives the same."""
    return isinstance(items, ast.Name | ast.Attribute | ast.List | ast.Tuple)


def _fresh(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "_"
    return name
