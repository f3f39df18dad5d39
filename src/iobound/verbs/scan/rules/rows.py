"""IOB708 to IOB710: rows that are parsed one by one, fetched all at once, or added by copying all that are there."""

from __future__ import annotations

import ast

from iobound.model.finding import Confidence, Severity
from iobound.verbs.scan.program.view import FileView, Resolved
from iobound.verbs.scan.rules.around import is_repeated
from iobound.verbs.scan.rules.rule import Findings, Rule
from iobound.verbs.scan.syntax.survey import LoopNode

_W, _I, _H, _M = Severity.WARNING, Severity.INFO, Confidence.HIGH, Confidence.MEDIUM

PARSING = Rule("IOB708", "parse-per-line", _I, _M, "Each line of a file is parsed by a call of its own.", default=False)
FETCHED = Rule("IOB709", "all-rows-then-loop", _I, _M, "All rows are fetched before the first is used.", default=False)
GROWING = Rule(
    "IOB710", "growing-by-copy", _W, _H, "A loop copies all that it has so far to add one item.", default=False
)
RULES = (PARSING, FETCHED, GROWING)

_PARSERS = ("json.loads", "orjson.loads", "ujson.loads", "simplejson.loads", "msgpack.unpackb")
_GROWING = (
    "pandas.concat",
    "numpy.append",
    "numpy.concatenate",
    "numpy.vstack",
    "numpy.hstack",
    "numpy.r_",
    "polars.concat",
    "torch.cat",
)


def in_file(view: FileView) -> Findings:
    """Look at what loops parse, fetch and glue together."""
    named = view.by_name
    for name in _PARSERS:
        for parsing in named.get(name, ()):
            yield from _parsed(view, parsing)
    for name, calls in named.items():
        if name.endswith(".fetchall"):
            for fetching in calls:
                yield from _fetched(view, fetching)
    for name in _GROWING:
        for gluing in named.get(name, ()):
            yield from _glued(view, gluing)


def _parsed(view: FileView, parsing: Resolved) -> Findings:
    loop, call = parsing.context.loop, parsing.call
    if not isinstance(loop, ast.For | ast.ListComp | ast.GeneratorExp | ast.SetComp):
        return
    target, over = (
        (loop.target, loop.iter) if isinstance(loop, ast.For) else (loop.generators[0].target, loop.generators[0].iter)
    )
    source = view.names.meaning(over, parsing.context.scope)
    is_file = source is not None and source.instance and source.name == "io.IOBase"
    named = {part.id for arg in call.args for part in ast.walk(arg) if isinstance(part, ast.Name)}
    if is_file and isinstance(target, ast.Name) and target.id in named:
        yield PARSING.at(
            view.file,
            view.span(call),
            f"`{parsing.name}` holds the GIL for each line of the file: parsing, not reading, takes the time",
            hint="read the file with a reader for many rows, or give parts of it to processes",
            function=parsing.context.scope.function.name,
            weight_s=1e-3,
        )


def _fetched(view: FileView, fetching: Resolved) -> Findings:
    entry = view.entry(fetching.meaning)
    if entry is None or entry.category != "database":
        return
    for loop in fetching.context.scope.function.loops:
        if isinstance(loop, ast.For) and loop.iter is fetching.node:
            yield FETCHED.at(
                view.file,
                view.span(fetching.node),
                f"`{fetching.name}` has all rows in memory before the first is used",
                hint="run over the cursor itself, or use `fetchmany`",
                function=fetching.context.scope.function.name,
                weight_s=1e-3,
            )


# Growing


def _glued(view: FileView, gluing: Resolved) -> Findings:
    loop = gluing.context.loop
    if not isinstance(loop, ast.For | ast.While) or not is_repeated(view, loop):
        return
    target = _grown(loop, gluing.call)
    if target is None:
        return
    yield GROWING.at(
        view.file,
        view.span(gluing.node),
        f"`{gluing.name}` copies all of `{target}` to add one item: the loop takes quadratic time, and cannot be split",
        hint=f"collect the parts in a list and call `{gluing.name}` once after the loop",
        function=gluing.context.scope.function.name,
        weight_s=1e-2,
    )


def _grown(loop: LoopNode, call: ast.Call) -> str | None:
    """The name or attribute that is set from itself and something else, None where the call does nothing like that."""
    for node in ast.walk(loop):
        if isinstance(node, ast.Assign) and node.value is call and len(node.targets) == 1:
            target = node.targets[0]
            if not isinstance(target, ast.Name | ast.Attribute):
                return None
            text = ast.unparse(target)
            first = call.args[0] if call.args else None
            parts = first.elts if isinstance(first, ast.List | ast.Tuple) else call.args[:1]
            at_level = _is_set_before(loop, node, text)
            return text if at_level and any(ast.unparse(part) == text for part in parts) else None
    return None


def _is_set_before(loop: LoopNode, growing: ast.Assign, text: str) -> bool:
    """Whether it keeps growing: an iteration does not set it anew by another statement."""
    others = [
        node
        for node in ast.walk(loop)
        if isinstance(node, ast.Assign)
        and node is not growing
        and any(ast.unparse(each) == text for each in node.targets)
    ]
    return not others
