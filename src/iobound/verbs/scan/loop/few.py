"""Items that are few by nature: what a person gives on a command line, batches of a fixed size."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from iobound.verbs.scan.loop.callees import parameters_of, root_of
from iobound.verbs.scan.syntax.names import spelled
from iobound.verbs.scan.syntax.survey import LoopNode, Scope
from iobound.verbs.scan.syntax.walking import walk

_DEPTH = 4
_LOOPS = 20  # of a function that are looked at for what fills a list
_PARSERS = frozenset({"parse_args", "parse_known_args", "parse_intermixed_args"})
_COMMANDS = frozenset({"argument", "command", "option"})
"""Last names of decorators by which libraries for command lines make a command of a function."""

_SAME_ITEMS = frozenset("dict.fromkeys enumerate frozenset list reversed set sorted tuple zip".split())
_CUTTING = ("batch", "chunk", "grouper")


def is_few(loop: LoopNode, function: Scope) -> bool:
    """Whether a loop runs over what a command line gives, or over batches of a fixed size."""
    if isinstance(loop, ast.For):
        over = loop.iter
    elif isinstance(loop, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
        over = loop.generators[0].iter
    else:
        return False
    return _is_cut(over) or _is_typed(over, function, _DEPTH)


def _is_cut(over: ast.expr) -> bool:
    """`batched(items, 500)` or `range(0, len(items), 500)`, where the size is a number or the name of a constant."""
    if not isinstance(over, ast.Call):
        return False
    last = spelled(over.func).rpartition(".")[2].lower()
    if last == "range":
        return len(over.args) == 3 and _is_len(over.args[1]) and _is_constant(over.args[2])
    if len(over.args) + len(over.keywords) != 2:
        return False
    size = over.keywords[-1].value if over.keywords else over.args[-1]
    return _is_constant(size) and any(word in last for word in _CUTTING)


def _is_len(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and spelled(node.func) == "len"


def _is_constant(size: ast.expr) -> bool:
    """Whether it is a number above one, or is named as constants are, in a class or not."""
    if isinstance(size, ast.Constant):
        return isinstance(size.value, int) and size.value > 1
    return getattr(size, "id", getattr(size, "attr", "")).isupper()


def _is_typed(node: ast.expr, function: Scope, left: int) -> bool:
    while isinstance(node, ast.Call) and spelled(node.func) in _SAME_ITEMS and node.args:
        node = node.args[0]
    if isinstance(node, ast.Subscript):
        node = node.value
    if isinstance(node, ast.Attribute) and spelled(node) == "sys.argv":
        return True
    root = root_of(node)
    if root is None or left == 0:
        return False
    if isinstance(node, ast.Attribute):
        return any(_is_parsed(value) for value in _values(root.id, function)) or _is_namespace(root.id, function)
    if root.id in parameters_of(function.node) and _is_command(function):
        return True
    values = _values(root.id, function)
    if any(isinstance(value, ast.List) and not value.elts for value in values):
        values += _collected(root.id, function)
    return any(_is_typed(value, function, left - 1) for value in values)


def _values(name: str, function: Scope) -> list[ast.expr]:
    return [each.payload for each in function.bindings.get(name, ()) if isinstance(each.payload, ast.expr)]


def _collected(name: str, function: Scope) -> Iterator[ast.expr]:
    """What a loop of the function runs over that appends to a list."""
    for loop in function.loops[:_LOOPS]:
        for node in walk(loop) if isinstance(loop, ast.For) else ():
            if isinstance(node, ast.Call) and spelled(node.func) == f"{name}.append" and isinstance(loop, ast.For):
                yield loop.iter


def _is_parsed(value: ast.expr) -> bool:
    return isinstance(value, ast.Call) and spelled(value.func).rpartition(".")[2] in _PARSERS


def _is_namespace(name: str, function: Scope) -> bool:
    """Whether a parameter is said to hold the arguments of a command line."""
    args = getattr(function.node, "args", None)
    given = (*args.posonlyargs, *args.args) if isinstance(args, ast.arguments) else ()
    return any(
        each.arg == name and each.annotation is not None and spelled(each.annotation).endswith("Namespace")
        for each in given
    )


def _is_command(function: Scope) -> bool:
    marks = getattr(function.node, "decorator_list", ())
    calls = (mark.func if isinstance(mark, ast.Call) else mark for mark in marks)
    return any(
        isinstance(each, ast.Attribute | ast.Name) and spelled(each).rpartition(".")[2] in _COMMANDS for each in calls
    )
