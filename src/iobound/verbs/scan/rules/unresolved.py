"""IOB901 to IOB903: what cannot be told from the source, so that the scan is silent where it should perhaps speak."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from iobound.model.finding import Confidence, Finding, Severity
from iobound.verbs.scan.program.view import FileView
from iobound.verbs.scan.rules.program import Program
from iobound.verbs.scan.rules.rule import Findings, Rule
from iobound.verbs.scan.syntax.names import spelled
from iobound.verbs.scan.syntax.scopes import function_of
from iobound.verbs.scan.syntax.survey import Bound, Scope

_I, _L = Severity.INFO, Confidence.LOW

RECEIVER = Rule(
    "IOB901", "unresolved-receiver", _I, _L, "What is called looks as if it waits: on what is unknown.", False
)
STAR = Rule("IOB902", "star-import", _I, _L, "Names come from a module that is not scanned.", False)
DYNAMIC = Rule("IOB903", "dynamic-call", _I, _L, "What is called is only known when it runs.", False)
RULES = (RECEIVER, STAR, DYNAMIC)

_TELLING = {
    "execute": "a database",
    "executemany": "a database",
    "fetchall": "a database",
    "fetchone": "a database",
    "commit": "a database",
    "recv": "a socket",
    "sendall": "a socket",
    "urlopen": "the network",
}
"""Methods that hardly anything but what waits has, and what for."""

_PLACES = {
    "a database": frozenset("db conn connection cur cursor database engine sqlite".split()),
    "a socket": frozenset("sock socket conn connection peer client".split()),
    "the network": frozenset("opener http client".split()),
}


def in_file(view: FileView) -> Findings:
    """Look at calls that no name leads to."""
    may_choose = False
    for number, call in enumerate(view.found.calls):
        func = call.func
        if func.__class__ is ast.Attribute:
            if func.attr in _TELLING:
                yield from _receiver(view, call, func, view.found.contexts[number].scope)
        elif func.__class__ is ast.Name:
            may_choose = may_choose or (func.id in _CHOOSING and (func.id != "getattr" or bool(_chosen(call))))
    if may_choose:
        yield from _dynamic(view)


_CHOOSING = frozenset({"getattr", "globals", "locals", "vars"})


def _receiver(view: FileView, call: ast.Call, func: ast.Attribute, scope: Scope) -> Iterator[Finding]:
    value, what = func.value, _TELLING[func.attr]
    name = value.id if isinstance(value, ast.Name) else value.attr if isinstance(value, ast.Attribute) else ""
    if name.strip("_") in _PLACES[what] and call not in view.found.awaited and _is_unknown(view, value, scope):
        yield RECEIVER.at(
            view.file,
            view.span(call),
            f"`{spelled(func)}` looks as if it waits for {what}; what `{spelled(value)}` is cannot be told",
            hint=f"annotate `{name}`, or see with `iobound run` whether it waits",
            function=function_of(scope).name,
        )


def _is_unknown(view: FileView, value: ast.expr, scope: Scope) -> bool:
    meaning = view.names.meaning(value, scope)
    return meaning is None or (meaning.local and meaning.scope is None and not meaning.instance)


def _dynamic(view: FileView) -> Iterator[Finding]:
    for call, context in zip(view.found.calls, view.found.contexts, strict=True):
        made = call.func
        if isinstance(made, ast.Name):
            made = _behind(view, made, context.scope)
        name = _chosen(made)
        if name:
            yield DYNAMIC.at(
                view.file,
                view.span(call),
                f"`{spelled(call.func)}` is whatever `{name}` gives when it runs: the scan does not follow it",
                hint="call it by its name, or choose from a dict of functions",
                function=function_of(context.scope).name,
            )


def _behind(view: FileView, name: ast.Name, scope: Scope) -> ast.expr:
    holder = view.names.holder(name.id, scope)
    bindings = holder.bindings[name.id] if holder is not None else []
    if len(bindings) == 1 and bindings[0].how is Bound.VALUE and isinstance(bindings[0].payload, ast.expr):
        return bindings[0].payload
    return name


def _chosen(node: ast.expr) -> str:
    """How a function is chosen at run time; empty when it is not."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "getattr":
        is_fixed = len(node.args) < 2 or isinstance(node.args[1], ast.Constant)
        return "" if is_fixed else "getattr(…)"
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Name):
        return f"{node.value.func.id}()[…]" if node.value.func.id in _CHOOSING else ""
    return ""


def in_program(program: Program) -> Findings:
    """Look at imports with `*` from modules that are not scanned, where names are called that nothing else gives."""
    for number, module in enumerate(program.tree.modules):
        facts = module.facts
        if not facts.unbound:
            continue
        unknown = [
            (star, span)
            for star, span in zip(facts.stars, facts.star_spans, strict=False)
            if not program.tree.has_module(number, star)
        ]
        if len(unknown) < len(facts.stars):
            continue  # the names may come from a module that is known
        for star, span in unknown:
            told = ", ".join(f"`{name}`" for name in facts.unbound[:_TOLD])
            yield STAR.at(
                module.file,
                span,
                f"unknown what {told}{' and others' if len(facts.unbound) > _TOLD else ''} may be: `{star}` is not "
                "scanned",
                hint="import them by name, or scan that module, too",
            )


_TOLD = 3
