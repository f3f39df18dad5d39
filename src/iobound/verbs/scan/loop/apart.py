"""Iterations by what they turn to: parts of one session, one place that all post to, any host at all."""

from __future__ import annotations

import ast
import re

from iobound.verbs.scan.loop.callees import function_called, own_nodes, root_of
from iobound.verbs.scan.loop.fixed import fixed_text
from iobound.verbs.scan.loop.view import View
from iobound.verbs.scan.syntax.names import Names, spelled
from iobound.verbs.scan.syntax.survey import LoopNode, Scope
from iobound.verbs.scan.syntax.walking import walk

_PLAIN = frozenset(
    "copy count decode encode endswith find format get index items join keys lower replace rsplit rstrip split "
    "startswith strip lstrip upper values isoformat removeprefix removesuffix group".split()
)
"""Methods of plain values."""

_IN_MEMORY = frozenset({"BytesIO", "StringIO"})
_POSTING = re.compile(r"(?i)post|send|upload|reply|publish|say|speak|type")
_DESTINATION = re.compile(
    r"(?i)^(?:channels?|channel_id|chat|chat_id|conversation|recipients?|room|room_id|thread_ts)$"
)


def is_of_shared(view: View) -> bool:
    """Whether items came from a call of an object that iterations use, too, and are objects themselves.

    `for button in driver.find_elements(…): button.click(); wait(driver)`: they are parts of one session.
    """
    if not isinstance(view.loop, ast.For):
        return False
    over: ast.expr = view.loop.iter
    if isinstance(over, ast.Name):
        values = [each.payload for each in view.function.bindings.get(over.id, ())]
        over = values[0] if len(values) == 1 and isinstance(values[0], ast.expr) else over
    if not (isinstance(over, ast.Call) and isinstance(over.func, ast.Attribute)):
        return False
    owner = over.func.value
    if not isinstance(owner, ast.Name) or view.usage.is_private(owner.id):
        return False
    used = any(isinstance(node, ast.Name) and node.id == owner.id for node in view.nodes)
    return used and any(_is_asked(call, view) for call in view.usage.calls)


def _is_asked(call: ast.Call, view: View) -> bool:
    """Whether a method of the item is called that plain values do not have."""
    func = call.func
    if not isinstance(func, ast.Attribute) or func.attr in _PLAIN:
        return False
    return isinstance(func.value, ast.Name) and func.value.id in view.usage.targets


def is_posting(view: View) -> bool:
    """Whether iterations post to one place and use no answer: who reads there sees them in their order."""
    return any(isinstance(node, ast.Expr) and _posts(node.value, view) for node in view.nodes)


def _posts(node: ast.expr, view: View) -> bool:
    call = node.value if isinstance(node, ast.Await) else node
    if not (isinstance(call, ast.Call) and _POSTING.search(spelled(call.func).rpartition(".")[2])):
        return False
    if isinstance(call.func, ast.Attribute) and (root_of(call.func) is None or view.is_outer(call.func) is None):
        return False
    return any(
        word.arg and _DESTINATION.search(word.arg) and fixed_text(word.value, view) is not None
        for word in call.keywords
    )


def is_anywhere(call: ast.Call, view: View) -> bool:
    """Whether the first argument is a whole attribute of the item, as in `get(image.url)`: any host may have it."""
    address = call.args[0] if call.args else None
    root = root_of(address) if isinstance(address, ast.Attribute) else None
    return root is not None and view.usage.is_private(root.id)


def gives_memory(loop: LoopNode, function: Scope, names: Names) -> bool:
    """Whether a loop runs over a generator of this file that gives files in memory wherever it gives several."""
    if not isinstance(loop, ast.For | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
        return False
    over = loop.iter if isinstance(loop, ast.For) else loop.generators[0].iter
    callee = function_called(over, function, names) if isinstance(over, ast.Call) else None
    if callee is None or not callee.yields:
        return False
    loops = [node for node in own_nodes(callee.node) if isinstance(node, ast.For | ast.AsyncFor | ast.While)]
    inside = [node for each in loops for node in walk(each)]
    if any(isinstance(node, ast.YieldFrom) for node in own_nodes(callee.node)):
        return False
    given = [node.value for node in inside if isinstance(node, ast.Yield)]
    return bool(given) and all(
        isinstance(value, ast.Call) and spelled(value.func).rpartition(".")[2] in _IN_MEMORY for value in given
    )
