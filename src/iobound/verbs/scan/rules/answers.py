"""IOB507 and IOB508: results and exceptions that cannot come back from another process."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from iobound.model.finding import Confidence, Finding, Severity
from iobound.verbs.scan.catalogue.processes import passage
from iobound.verbs.scan.program.definitions import bases, lineage
from iobound.verbs.scan.program.pickling import Flaw, Flaws
from iobound.verbs.scan.program.processes import Crossing, Processes, crossing_of, processes
from iobound.verbs.scan.program.view import FileView
from iobound.verbs.scan.rules.crossing import decorated, reason
from iobound.verbs.scan.rules.program import Program
from iobound.verbs.scan.rules.rule import Findings, Rule
from iobound.verbs.scan.syntax.names import Meaning
from iobound.verbs.scan.syntax.scopes import function_of
from iobound.verbs.scan.syntax.survey import Scope

RESULT = Rule(
    "IOB507",
    "unpicklable-result",
    Severity.ERROR,
    Confidence.MEDIUM,
    "What a worker gives cannot be pickled: it fails after the work was done.",
)
RAISED = Rule(
    "IOB508",
    "exception-lost-on-the-way",
    Severity.ERROR,
    Confidence.MEDIUM,
    "An exception cannot be rebuilt from its `args` in the parent process.",
)
RULES = (RESULT, RAISED)


def findings(found: Processes, flaws: Flaws) -> Findings:
    """Look at what comes back from those workers whose functions are in the file that hands them over."""
    done: set[Scope] = set()
    for worker, crossing in found.workers:
        if worker not in done and crossing.passage.answers:
            done.add(worker)
            yield from _generators(found.view, worker, crossing)
            yield from results(found, flaws, worker, crossing)
    yield from lost(found, done)


def in_program(program: Program) -> Findings:
    """Look at workers whose functions are in another file than what hands them over."""
    raising: dict[int, tuple[Processes, set[Scope]]] = {}
    for each in program.workers.all:
        code = each.code
        if each.handing.where != "process" or code is None or code.module == each.module:
            continue
        way, call = passage(program.catalogue, each.boundary), program.workers.call(each)
        if way is None or call is None or code.scope.kind != "function":
            continue
        view, crossing = call[0], crossing_of(call[1], way)
        yield from decorated(view, crossing, code.view, code.scope)
        found, done = raising.setdefault(code.module, (processes(code.view), set()))
        if way.answers and code.scope not in done:
            done.add(code.scope)
            yield from _generators(view, code.scope, crossing)
            yield from results(found, Flaws(code.view), code.scope, crossing)
    for found, done in raising.values():
        yield from lost(found, done - {worker for worker, _ in found.workers})


def _generators(view: FileView, worker: Scope, crossing: Crossing) -> Findings:
    kind = _lazy(worker)
    if kind:
        yield RESULT.at(
            view.file,
            view.span(crossing.resolved.call),
            f"`{worker.name.replace('.<locals>', '')}` gives a {kind}, which cannot be pickled as the result of "
            f"`{crossing.name}`",
            hint="return a list" if kind == "generator" else "hand over a plain function that runs an event loop",
            function=function_of(crossing.scope).name,
            confidence=Confidence.HIGH,
        )


def _lazy(worker: Scope) -> str:
    """What a call of a function gives before any of its code runs; empty for a plain function."""
    if getattr(worker.node, "decorator_list", True):
        return ""
    return "coroutine" if isinstance(worker.node, ast.AsyncFunctionDef) else "generator" if worker.yields else ""


def results(found: Processes, flaws: Flaws, worker: Scope, crossing: Crossing) -> Findings:
    """What a worker of the file returns and `pickle` refuses."""
    for value in worker.returns if not _lazy(worker) else ():
        flaw = flaws.of(value, worker)
        if flaw is not None and not (flaw.kind == "bound" and flaw.inside is None):
            yield _unpicklable(found, value, worker, crossing, flaw)


def _unpicklable(found: Processes, value: ast.expr, worker: Scope, crossing: Crossing, flaw: Flaw) -> Finding:
    return RESULT.at(
        found.view.file,
        found.view.span(value),
        f"`{crossing.name}` pickles the result of `{worker.name.replace('.<locals>', '')}`: {reason(flaw)}",
        hint="return plain data: the text, the numbers, the path",
        function=worker.name,
    )


# Exceptions


def lost(found: Processes, workers: Iterable[Scope]) -> Findings:
    """Exceptions of the file that workers raise and that cannot be rebuilt."""
    ordered = sorted(workers, key=lambda scope: scope.first_line)
    for klass in dict.fromkeys(klass for worker in ordered for klass in _raised(found, worker)):
        start = _init(klass)
        words = _why_lost(found, klass)
        if start is not None and words:
            yield _lost(found, klass, start, words)


def _raised(found: Processes, worker: Scope) -> Iterator[Scope]:
    """Exception classes of the file that a worker may raise, itself or in what it calls."""
    for function in found.reached(worker):
        for node in ast.walk(function.node):
            if isinstance(node, ast.Raise) and node.exc is not None:
                named = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
                meaning = found.view.names.meaning(named, function)
                if meaning is not None and meaning.scope is not None and meaning.scope.kind == "class":
                    yield meaning.scope


def _init(klass: Scope) -> ast.FunctionDef | None:
    for binding in klass.bindings.get("__init__", ()):
        if isinstance(binding.payload, Scope) and isinstance(binding.payload.node, ast.FunctionDef):
            return binding.payload.node
    return None


def _why_lost(found: Processes, klass: Scope) -> str:
    """What goes wrong when the exception is made from its `args` again; empty when nothing does."""
    classes = lineage(found.view, klass)
    if any("__reduce__" in each.bindings or "__reduce_ex__" in each.bindings for each in classes):
        return ""
    if any(base is None or not _is_exception(base.name) for base in _outside(found, classes)):
        return ""
    start = _init(klass)
    if start is None:
        return ""
    parameters = start.args
    positional = [*parameters.posonlyargs, *parameters.args][1:]
    required = len(positional) - len(parameters.defaults)
    named = [
        word.arg for word, default in zip(parameters.kwonlyargs, parameters.kw_defaults, strict=True) if default is None
    ]
    if named:
        return f"`{named[0]}` is required by keyword, and `args` holds no keywords"
    given = _forwarded(classes)
    if given is None or (given >= required and (given <= len(positional) or parameters.vararg is not None)):
        return ""
    return f"`__init__` takes {required} arguments and leaves {given} in `args`"


def _outside(found: Processes, classes: list[Scope]) -> Iterator[Meaning | None]:
    """Bases that are not of this file."""
    for each in classes:
        for base in bases(found.view, each):
            if base is None or base.scope is None:
                yield base


def _is_exception(name: str) -> bool:
    return name in ("builtins.Exception", "builtins.BaseException") or (
        name.startswith("builtins.") and name.endswith("Error") and name not in _OWN_ARGS
    )


_OWN_ARGS = frozenset({"builtins.OSError", "builtins.UnicodeDecodeError", "builtins.UnicodeEncodeError"})


def _forwarded(classes: list[Scope]) -> int | None:
    """How many values end up in `args`, None when that cannot be told."""
    for klass in classes:
        start = _init(klass)
        if start is None:
            continue
        calls = [each for each in ast.walk(start) if isinstance(each, ast.Call) and _is_super_init(each)]
        if not calls or len(calls) > 1:
            return None  # without a call, `args` are what the class was called with
        if calls[0].keywords or any(isinstance(each, ast.Starred) for each in calls[0].args):
            return None
        is_named = not isinstance(getattr(calls[0].func, "value", None), ast.Call)
        given = len(calls[0].args) - is_named
        if any(_init(each) is not None for each in classes[classes.index(klass) + 1 :]):
            return _forwarded(classes[classes.index(klass) + 1 :])
        return None if any(_sets_args(each) for each in ast.walk(start)) else given
    return None


def _is_super_init(call: ast.Call) -> bool:
    func = call.func
    if not isinstance(func, ast.Attribute) or func.attr != "__init__":
        return False
    owner = func.value
    if isinstance(owner, ast.Call):
        return isinstance(owner.func, ast.Name) and owner.func.id == "super"
    return isinstance(owner, ast.Name | ast.Attribute)


def _sets_args(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "args" and isinstance(node.ctx, ast.Store)


def _lost(found: Processes, klass: Scope, start: ast.FunctionDef, words: str) -> Finding:
    return RAISED.at(
        found.view.file,
        found.view.span(start)._replace(end_line=start.lineno, end_column=start.col_offset + len("def __init__")),
        f"`{klass.name}` raised in another process cannot be rebuilt in this one: {words}",
        hint="pass all arguments on to `super().__init__(…)` and make the text in `__str__`, or define `__reduce__`",
        function=f"{klass.name}.__init__",
    )
