"""What iterations have to do with one another besides data: an order to be read in, a limit, an end on failure."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from iobound.model.source_facts import DELIBERATE_SLEEPS
from iobound.verbs.scan.loop.callees import function_called, own_nodes
from iobound.verbs.scan.loop.view import View
from iobound.verbs.scan.syntax.names import Names, spelled
from iobound.verbs.scan.syntax.survey import Scope
from iobound.verbs.scan.syntax.walking import walk

_LOOPS = (ast.For, ast.AsyncFor, ast.While)
_SAYING = frozenset("critical echo error exception info log print secho warn warning".split())
"""Last names of calls that say something to whoever runs the program."""

_CAPTURING = frozenset({"capture_output", "stdout"})
_ASKING = frozenset({"check_output", "getoutput", "getstatusoutput", "communicate"})
_STARTING = frozenset("create launch post put run start submit trigger upload".split())
_OWN_BUSINESS = ("time.", "builtins.", "datetime.")


class Ordering(NamedTuple):
    """What the source says of a loop's order.

    Attributes:
        shown: Calls whose output is to be read in the order of the iterations.
        polling: Calls of functions that ask again and again until something has come about that goes on by itself.
        refuses: Whether what an iteration is given may end the loop by an exception.
        resumes: Whether a part of the collection stands for what is done already, or still to be done.
        limit: What is counted up to a fixed number at which the loop ends; empty without that.
    """

    shown: tuple[ast.Call, ...] = ()
    polling: tuple[ast.Call, ...] = ()
    refuses: bool = False
    resumes: bool = False
    limit: str = ""


def ordering_of(view: View, calls: Iterable[ast.Call], names: Names) -> Ordering:
    """Look at the syntax of a loop, and of the functions of the same file that it calls."""
    shown, polling = [], []
    lines = [*_said(view)]
    for call in calls:
        callee = function_called(call, view.function, names)
        if callee is not None and _polls(callee, names):
            polling.append(call)
        if (callee is not None and _only_says(callee)) or _is_between(call, lines):
            shown.append(call)
    return Ordering(tuple(shown), tuple(polling), _refuses(view), _resumes(view), _limit(view))


def always_leaves(block: list[ast.stmt]) -> bool:
    """Whether a block ends by leaving the loop around it, unless something in it goes on with the next iteration."""
    last = block[-1]
    if isinstance(last, ast.Return | ast.Raise | ast.Break):
        return True
    if isinstance(last, ast.With | ast.AsyncWith):
        return always_leaves(last.body)
    return isinstance(last, ast.If) and bool(last.orelse) and always_leaves(last.body) and always_leaves(last.orelse)


# Output


def _last_name(call: ast.Call) -> str:
    return spelled(call.func).rpartition(".")[2]


def _says(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and (_last_name(node) in _SAYING or _last_name(node).endswith("print"))


def _said(view: View) -> Iterator[int]:
    """Lines at which each iteration prints."""
    for statement in view.loop.body if isinstance(view.loop, ast.For) else ():
        for node in walk(statement):
            if isinstance(node, ast.Call) and "print" in _last_name(node):
                yield node.lineno


def _is_between(call: ast.Call, lines: list[int]) -> bool:
    """Whether a call stands between lines that print, and may print itself."""
    if not lines or not min(lines) < call.lineno < max(lines) or _last_name(call) in _ASKING:
        return False
    return not any(word.arg in _CAPTURING for word in call.keywords)


def _only_says(function: Scope) -> bool:
    """Whether all that a function does with what it was given by another call is to say it."""
    if not isinstance(function.node, ast.FunctionDef) or function.returns or function.yields:
        return False
    nodes = own_nodes(function.node)
    made = {
        target.id
        for node in nodes
        if isinstance(node, ast.Assign) and any(isinstance(part, ast.Call) for part in walk(node.value))
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    done = [node.value for node in nodes if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)]
    if any(isinstance(node, ast.With) or _is_kept(node) for node in nodes):
        return False
    given = [call for call in done if _names_in(call) & made]
    return any(map(_says, given)) and all(_says(call) or _last_name(call) == "debug" for call in given)


def _is_kept(node: ast.AST) -> bool:
    """Whether it is a part of an object, and is set."""
    return isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store)


def _names_in(node: ast.AST) -> set[str]:
    return {part.id for part in walk(node) if isinstance(part, ast.Name)}


# Polling


def _polls(function: Scope, names: Names) -> bool:
    """Whether a function does nothing but ask until something has come about."""
    if not isinstance(function.node, ast.FunctionDef):
        return False
    body = function.node.body
    at = next((number for number, each in enumerate(body) if _goes_round(each)), None)
    if at is None:
        return False
    before = [node for each in body[:at] for node in walk(each) if isinstance(node, ast.Call)]
    loop = [node for each in getattr(body[at], "body", ()) for node in walk(each)]
    calls = [node for node in loop if isinstance(node, ast.Call)]
    return (
        all(_is_own_business(call, function, names) for call in before)
        and any(isinstance(node, ast.Return | ast.Break) for node in loop)
        and any(_is_sleep(call, function, names) for call in calls)
        and not any(_STARTING & {*_last_name(call).lower().split("_")} for call in calls)
    )


def _goes_round(statement: ast.stmt) -> bool:
    """Whether it is a loop that need not have items: `while`, or so many times at most."""
    if isinstance(statement, ast.For):
        over = statement.iter
        return isinstance(over, ast.Call) and spelled(over.func) == "range" and not _reads(statement)
    return isinstance(statement, ast.While)


def _reads(loop: ast.For) -> bool:
    """Whether the items are used."""
    items = _names_in(loop.target)
    return any(isinstance(node, ast.Name) and node.id in items for part in loop.body for node in walk(part))


def _name_of(call: ast.Call, function: Scope, names: Names) -> str:
    meaning = names.meaning(call.func, function)
    return "" if meaning is None or meaning.local else meaning.name


def _is_sleep(call: ast.Call, function: Scope, names: Names) -> bool:
    return _name_of(call, function, names) in DELIBERATE_SLEEPS


def _is_own_business(call: ast.Call, function: Scope, names: Names) -> bool:
    return _name_of(call, function, names).startswith(_OWN_BUSINESS)


# Ends


def _tests(view: View) -> Iterator[ast.If]:
    return (node for node in view.nodes if isinstance(node, ast.If) and isinstance(view.loop, _LOOPS))


def _refuses(view: View) -> bool:
    """Whether an exception depends on what an iteration is given: what comes after it is not to be done then."""
    return any(
        isinstance(part, ast.Raise)
        for test in _tests(view)
        if not _names_in(test.test).isdisjoint(view.usage.written)
        for statement in test.body
        for part in walk(statement)
    )


def _resumes(view: View) -> bool:
    """Whether `items[:number]` is used, where `enumerate(items)` is what the loop runs over."""
    loop = view.loop
    over = loop.iter if isinstance(loop, ast.For | ast.AsyncFor) else None
    if not (isinstance(over, ast.Call) and spelled(over.func) == "enumerate" and over.args):
        return False
    items = spelled(over.args[0])
    return bool(items) and any(
        isinstance(node, ast.Subscript)
        and isinstance(node.slice, ast.Slice)
        and spelled(node.value) == items
        and _names_in(node.slice) & view.usage.targets
        for node in view.nodes
    )


def _limit(view: View) -> str:
    """The name of what is counted, where `if count > 10:` leaves the loop."""
    for test in _tests(view):
        compared = test.test
        if (
            isinstance(compared, ast.Compare)
            and isinstance(compared.left, ast.Name)
            and isinstance(compared.ops[0], ast.Gt | ast.GtE)
            and isinstance(compared.comparators[0], ast.Constant)
            and isinstance(test.body[-1], ast.Raise | ast.Return | ast.Break)
            and _is_counted(compared.left.id, view)
        ):
            return compared.left.id
    return ""


def _is_counted(name: str, view: View) -> bool:
    return any(
        isinstance(node, ast.AugAssign)
        and isinstance(node.target, ast.Name)
        and node.target.id == name
        and isinstance(node.value, ast.Constant)
        for node in view.nodes
    )
