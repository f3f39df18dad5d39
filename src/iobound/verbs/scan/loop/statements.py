"""What a call has a database do, as far as its text says."""

from __future__ import annotations

import ast
import re

from iobound.verbs.scan.loop.callees import function_called, own_nodes
from iobound.verbs.scan.loop.view import View
from iobound.verbs.scan.syntax.names import Names
from iobound.verbs.scan.syntax.survey import Bound, Scope
from iobound.verbs.scan.syntax.walking import walk

_RUNNING = frozenset({"execute", "exec", "scalar", "scalars", "sql", "query"})
_VERBS = re.compile(r"\s*(?:--[^\n]*\n\s*|/\*.*?\*/\s*|\(\s*)*(\w+)", re.DOTALL)
_TABLES = re.compile(r"(?i)\b(?:from|into|update|table|join)\s+[`\"\[]?(?:%s|%\(|\{)")
"""The name of the table is filled in: no other table can be asked by the same statement."""

_LABELS = re.compile(r"`(?:%s|\{\w*\})`|[(\[]\w*:(?:%s|\{)")
"""A name in quotes for identifiers, or the label of a node or an edge, is filled in."""

_SOME = re.compile(r"(?i)\blimit\s+(?:[2-9]|1\d|%s|\{|\?|:|\$)")
"""The first few of each item: one statement for all does not give them."""

_TABLE_NAMES = re.compile(r"(?i)(?:^|_)(?:table|column)(?:_?name)?$")
"""What programs call the loop's items where each is another table, or a column of one."""

_ASKING = _RUNNING | {"all", "count", "first", "one", "one_or_none"}
_LIKE = frozenset({"ilike", "like", "regexp_match"})
_LIKE_TEXT = re.compile(r"(?i)\bi?like\b\s*(?:%|\?|:|\$|\{|')")

_REFUSALS = frozenset({"DatabaseError", "DuplicateKeyError", "IntegrityError", "UniqueViolation"})
_BUILDERS = frozenset({"select", "insert", "update", "delete", "query"})
_READING = frozenset({"select", "with", "show", "values"})
_WRITING = frozenset({"insert", "update", "delete", "replace", "merge", "upsert"})


def statement_of(call: ast.Call, view: View, names: Names) -> str:
    """What a call such as `cursor.execute` runs.

    Returns:
        `reads`, `writes` or `other` (such as `CREATE`, or another table each time) where the text is there; `item`
        where the statement itself is the loop's item, as in a script; empty where that cannot be told, or nothing like
        that is called.
    """
    func = call.func
    if not (isinstance(func, ast.Attribute) and func.attr in _RUNNING and call.args):
        return "other" if _is_given_table(call, view) else ""
    statement = call.args[0]
    named = {part.id for part in ast.walk(statement) if isinstance(part, ast.Name)}
    text = _text(statement, view.function, names)
    if text is None and _is_of_item(statement, view, names):
        return "other"
    if text is None and (verb := _built(statement)):
        return verb
    if text is None:
        return "item" if named & view.usage.targets and isinstance(statement, ast.Name | ast.Attribute) else ""
    if _TABLES.search(text) or (_LABELS.search(text) and _is_filled_by_item(statement, view)):
        return "other"
    match = _VERBS.match(text)
    verb = match[1].lower() if match else ""
    if verb == "unwind":
        return "batch"
    if verb in _READING and _SOME.search(text):
        return "other"
    return "reads" if verb in _READING else "writes" if verb in _WRITING else "other" if verb else ""


def statements_of(call: ast.Call, view: View, names: Names) -> str:
    """What a call runs, as `statement_of` says it; of a function of the same file what that writes.

    Returns:
        The same words, and `batch` where an item gives many rows.
    """
    if _gives_batch(call, view):
        return "batch"
    text = statement_of(call, view, names)
    callee = None if text else function_called(call, view.function, names)
    if callee is None:
        return text
    inner = view._replace(function=callee)
    calls = (node for node in own_nodes(callee.node) if isinstance(node, ast.Call))
    return "writes" if any(statement_of(each, inner, names) == "writes" for each in calls) else ""


def _is_filled_by_item(statement: ast.expr, view: View) -> bool:
    """Whether what an iteration has is put into the text of a statement."""
    if isinstance(statement, ast.Name) and view.usage.is_private(statement.id):
        return True
    parts = (part.id for part in ast.walk(statement) if isinstance(part, ast.Name))
    return any(view.usage.is_private(name) for name in parts)


def _gives_batch(call: ast.Call, view: View) -> bool:
    """Whether a query is given rows that a comprehension makes of a part of the item."""
    func = call.func
    if not (isinstance(func, ast.Attribute) and func.attr in (*_RUNNING, "run")):
        return False
    given = [*call.args[1:], *(word.value for word in call.keywords)]
    values = [value for each in given for value in (each.values if isinstance(each, ast.Dict) else [each])]
    return any(isinstance(value, ast.ListComp) and _is_of_item_part(value, view) for value in values)


def _is_of_item_part(rows: ast.ListComp, view: View) -> bool:
    over = rows.generators[0].iter
    names = {part.id for part in ast.walk(over) if isinstance(part, ast.Name)}
    return bool(names & view.usage.targets)


def looks_for_pattern(call: ast.Call) -> bool:
    """Whether a call such as `execute`, or `all` of a query, asks for what is like a pattern."""
    if not (isinstance(call.func, ast.Attribute) and call.func.attr in _ASKING):
        return False
    return any(
        (isinstance(part, ast.Attribute) and part.attr in _LIKE)
        or (isinstance(part, ast.Constant) and isinstance(part.value, str) and _LIKE_TEXT.search(part.value))
        for part in walk(call)
    )


def may_be_refused(view: View, names: Names) -> bool:
    """Whether a row that is there already, or is refused, is seen to by itself."""
    callees = (function_called(node, view.function, names) for node in view.nodes if isinstance(node, ast.Call))
    nodes = (*view.nodes, *(node for callee in callees if callee is not None for node in own_nodes(callee.node)))
    return any(
        isinstance(node, ast.ExceptHandler)
        and node.type is not None
        and any(getattr(part, "attr", getattr(part, "id", "")) in _REFUSALS for part in ast.walk(node.type))
        for node in nodes
    )


def _built(node: ast.expr) -> str:
    """What a statement does that calls build: `table.insert().values(…)`, `insert(table)`."""
    while isinstance(node, ast.Call):
        func = node.func
        last = func.id if isinstance(func, ast.Name) else getattr(func, "attr", "")
        if last in ("insert", "update", "delete"):
            return "writes"
        node = func.value if isinstance(func, ast.Attribute) else func
    return ""


def _is_of_item(node: ast.expr, view: View, names: Names) -> bool:
    """Whether a statement that calls build, as `delete(model).where(…)`, is about a table that the loop runs over."""
    if isinstance(node, ast.Name):
        holder = names.holder(node.id, view.function)
        values = [each.payload for each in (holder.bindings.get(node.id, ()) if holder is not None else ())]
        if len(values) != 1 or not isinstance(values[0], ast.Call):
            return False
        node = values[0]
    while isinstance(node, ast.Call):
        func = node.func
        last = func.id if isinstance(func, ast.Name) else getattr(func, "attr", "")
        if last == "select_from" or (last in _BUILDERS and node.args):
            return bool(node.args) and _is_of_iteration(node.args[0], view)
        if last in _BUILDERS and isinstance(func, ast.Attribute):
            return _is_of_iteration(func.value, view)  # `table.update()`
        node = func.value if isinstance(func, ast.Attribute) else func
    return False


def _is_of_iteration(table: ast.expr, view: View) -> bool:
    """Whether a table is the loop's item, or looked up by it."""
    return isinstance(table, ast.Name) and view.usage.is_private(table.id)


def _is_given_table(call: ast.Call, view: View) -> bool:
    """Whether a helper is given the loop's item, and that is called a table or a column."""
    names = (each.id for each in call.args if isinstance(each, ast.Name))
    return any(name in view.usage.targets and _TABLE_NAMES.search(name) for name in names)


def _text(node: ast.expr, scope: Scope, names: Names, depth: int = 6) -> str | None:
    """A string, with `{}` for what is filled in; None where it cannot be told."""
    if depth == 0:
        return None
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(str(each.value) if isinstance(each, ast.Constant) else "{}" for each in node.values)
    if isinstance(node, ast.BinOp):
        return _text(node.left, scope, names, depth - 1)
    if isinstance(node, ast.Call):
        if isinstance(node.func, ast.Attribute) and node.func.attr == "format":
            return _text(node.func.value, scope, names, depth - 1)
        is_text = isinstance(node.func, ast.Name | ast.Attribute) and node.args
        named = getattr(node.func, "attr", getattr(node.func, "id", ""))
        return _text(node.args[0], scope, names, depth - 1) if is_text and named == "text" else None
    if isinstance(node, ast.Name):
        holder = names.holder(node.id, scope)
        bindings = holder.bindings.get(node.id, []) if holder is not None else []
        if len(bindings) == 1 and bindings[0].how is Bound.VALUE and isinstance(bindings[0].payload, ast.expr):
            return _text(bindings[0].payload, holder or scope, names, depth - 1)
    return None
