"""IOB501 to IOB506 and IOB509 to IOB513: functions and values that cannot go to another process, or cost much there."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from iobound.model.finding import Confidence, Finding, Severity
from iobound.verbs.scan.catalogue.processes import LARGE
from iobound.verbs.scan.program.definitions import unwrapping_decorator
from iobound.verbs.scan.program.pickling import Flaw, Flaws
from iobound.verbs.scan.program.processes import Crossing, Processes
from iobound.verbs.scan.program.view import FileView
from iobound.verbs.scan.rules.rule import Findings, Rule
from iobound.verbs.scan.syntax.names import spelled
from iobound.verbs.scan.syntax.scopes import function_of
from iobound.verbs.scan.syntax.survey import Bound, Scope, is_main_guard

_E, _W, _H, _M = Severity.ERROR, Severity.WARNING, Confidence.HIGH, Confidence.MEDIUM

LAMBDA = Rule("IOB501", "lambda-to-process", _E, _H, "A lambda cannot be pickled for another process.")
NESTED = Rule("IOB502", "nested-function-to-process", _E, _H, "No process can import a function defined in another.")
DECORATED = Rule(
    "IOB503", "unwrapped-function-to-process", _E, _M, "A decorator without `functools.wraps` hides its function."
)
BOUND = Rule("IOB504", "bound-method-to-process", _W, _M, "A method goes to a process with its whole object.")
REFUSED = Rule("IOB505", "unpicklable-argument", _E, _H, "Files, locks, connections and the like cannot be pickled.")
GENERATOR = Rule("IOB506", "generator-to-process", _E, _H, "Generators, coroutines and dict views cannot be pickled.")
GUARDED = Rule("IOB509", "main-only-worker", _E, _M, "A function under the main guard is not there in a new process.")
LARGE_PAYLOAD = Rule("IOB510", "large-payload", _W, _M, "The same large object is pickled again for every task.")
PRIMITIVE = Rule(
    "IOB511", "primitive-to-pool", _E, _H, "Locks and queues of multiprocessing go to a process only at its start."
)
LOCAL_CLASS = Rule("IOB512", "local-class-to-process", _E, _M, "No process can import a class defined in a function.")
FACTORY = Rule("IOB513", "lambda-factory-to-process", _E, _M, "A defaultdict is pickled with its factory.")
RULES = (
    LAMBDA,
    NESTED,
    DECORATED,
    BOUND,
    REFUSED,
    GENERATOR,
    GUARDED,
    LARGE_PAYLOAD,
    PRIMITIVE,
    LOCAL_CLASS,
    FACTORY,
)

BY_KIND = {
    "lambda": LAMBDA,
    "nested": NESTED,
    "decorated": DECORATED,
    "generator": GENERATOR,
    "type": REFUSED,
    "instance": REFUSED,
    "bound": BOUND,
    "primitive": PRIMITIVE,
    "local class": LOCAL_CLASS,
    "factory": FACTORY,
}
_HINTS = {
    "lambda": "define a function at the top of a module; `functools.partial` binds arguments",
    "nested": "move it to the top of the module; `functools.partial` binds what it takes from around it",
    "decorated": "decorate the wrapper with `@functools.wraps(function)`",
    "generator": "pass a list, or what it is made from",
    "type": "pass what it is made from, such as a path or a URL, and make it in the worker",
    "primitive": "pass it by `initializer=` and `initargs=`, or take a proxy from `multiprocessing.Manager()`",
    "local class": "define the class at the top of a module",
    "factory": "use a factory with a name, such as `int` or `list`, or pass `dict(…)`",
}


def findings(found: Processes, flaws: Flaws) -> Findings:
    """Look at everything that the calls of a file have pickled."""
    for crossing in found.crossings:
        if crossing.passage.unless_forked and found.only_forks:
            continue
        function = crossing.function
        flaw = None if function is None else flaws.of(function, crossing.scope)
        if function is not None and flaw is not None:
            yield from _flawed(found, crossing, flaw, is_function=True)
        flaw = next(_value_flaws(crossing, flaws), None)
        if flaw is not None:
            yield from _flawed(found, crossing, flaw, is_function=False)
        yield from _large(found, crossing)
    yield from _guarded(found)


def _value_flaws(crossing: Crossing, flaws: Flaws) -> Iterator[Flaw]:
    for value in crossing.values:
        yield from _serious(flaws.of(value, crossing.scope), crossing)
    for iterable in crossing.iterables:
        yield from _serious(flaws.elements(iterable, crossing.scope), crossing)


def _serious(flaw: Flaw | None, crossing: Crossing) -> Iterator[Flaw]:
    if flaw is None or (flaw.kind == "bound" and flaw.inside is None):
        return
    if not (flaw.kind == "primitive" and crossing.passage.unless_forked):
        yield flaw


def _flawed(found: Processes, crossing: Crossing, flaw: Flaw, *, is_function: bool) -> Findings:
    if flaw.kind == "bound" and flaw.inside is None:
        yield from _whole_object(found, crossing, flaw)
        return
    if flaw.kind == "primitive" and crossing.passage.unless_forked:
        return
    rule = BY_KIND[flaw.kind]
    by_chance = crossing.passage.unless_forked and not found.never_forks
    unless = "unless it is forked, " if by_chance else ""
    yield rule.at(
        found.view.file,
        found.view.span(crossing.resolved.call),
        f"{unless}`{crossing.name}` pickles {'its function' if is_function else 'its arguments'}: {reason(flaw)}",
        hint=hint(flaw),
        function=function_of(crossing.scope).name,
        severity=Severity.WARNING if by_chance else Severity.ERROR,
        confidence=Confidence.MEDIUM if by_chance else None,
    )


def decorated(view: FileView, crossing: Crossing, its_file: FileView, function: Scope) -> Findings:
    """A function of another file whose decorator hides it."""
    decorator = unwrapping_decorator(its_file, function)
    if decorator and crossing.function is not None:
        told, name = decorator.replace(".<locals>", ""), function.name
        flaw = Flaw("decorated", f"`{name}`", crossing.function, function, told)
        yield DECORATED.at(
            view.file,
            view.span(crossing.resolved.call),
            f"`{crossing.name}` pickles its function: {reason(flaw)}",
            hint=hint(flaw),
            function=function_of(crossing.scope).name,
        )


def reason(flaw: Flaw) -> str:
    """Why `pickle` refuses it."""
    if flaw.inside is not None:
        holder = "method" if flaw.kind == "bound" else ""
        return f"{flaw.what} {holder} goes with `self.{flaw.attribute}`, {_which(flaw.inside)}".replace("  ", " ")
    return _which(flaw)


def _which(flaw: Flaw) -> str:
    if flaw.inside is not None:
        return f"{flaw.what} with `self.{flaw.attribute}`, {_which(flaw.inside)}"
    if flaw.kind == "nested":
        return f"{flaw.what} is defined inside a function, where no other process finds it"
    if flaw.kind == "decorated":
        return f"{flaw.what} bears the name of the wrapper in `{flaw.attribute}`, where no other process finds it"
    if flaw.kind == "local class":
        return f"{flaw.what}: its class is defined inside a function, where no other process finds it"
    if flaw.kind == "primitive":
        return f"{flaw.what} only goes to a process while that is being started"
    article = "an" if flaw.what.lstrip("`")[:1] in "aeiou" else "a"
    return f"{article} {flaw.what} cannot be pickled" if flaw.what[:1] != "`" else f"{flaw.what} cannot be pickled"


def hint(flaw: Flaw) -> str:
    """The next step."""
    if flaw.inside is not None:
        return f"leave `{flaw.attribute}` out in `__getstate__`, or hand over a plain function with what it needs"
    return _HINTS[flaw.kind]


# Methods with all that their object holds


def _whole_object(found: Processes, crossing: Crossing, flaw: Flaw) -> Findings:
    is_repeated = bool(crossing.iterables) or crossing.resolved.context.loop is not None
    if flaw.owner is None or crossing.passage.unless_forked or not is_repeated:
        return
    names, is_evident = _much(found, flaw.owner)
    if not names:
        return
    yield BOUND.at(
        found.view.file,
        found.view.span(crossing.resolved.call),
        f"`{crossing.name}` pickles the whole object of {flaw.what} again for its tasks, with "
        + ", ".join(f"`self.{name}`" for name in names[:_TOLD])
        + (f" and {len(names) - _TOLD} more" if len(names) > _TOLD else ""),
        hint="hand over a plain function with the few values that it needs, or keep the object in each worker by "
        "`initializer=`",
        function=function_of(crossing.scope).name,
        severity=Severity.WARNING if is_evident else Severity.INFO,
        confidence=Confidence.MEDIUM if is_evident else Confidence.LOW,
    )


def _much(found: Processes, klass: Scope) -> tuple[list[str], bool]:
    """Attributes that may hold much, and whether that is evident of the first."""
    evident, doubtful = [], []
    for name, bindings in klass.attributes.items():
        values = [each for each in bindings if each.how is Bound.VALUE and isinstance(each.payload, ast.expr)]
        if any(
            _is_large(found, each.payload, each.scope or klass)
            for each in values
            if not isinstance(each.payload, Scope | str | None)
        ):
            evident.append(name)
        elif any(isinstance(each.payload, ast.Name) for each in values):
            doubtful.append(name)
    return (evident, True) if evident else (doubtful, False)


_TOLD = 3
"""Attributes that are told."""


def _is_large(found: Processes, node: ast.expr, scope: Scope) -> bool:
    if isinstance(node, ast.ListComp | ast.DictComp | ast.SetComp):
        return True
    if isinstance(node, ast.Call):
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if name in _READING:
            return True
    meaning = found.view.names.meaning(node, scope)
    return meaning is not None and meaning.instance and meaning.name in LARGE


_READING = frozenset(
    "read readlines read_text read_bytes fetchall read_csv read_parquet load loads load_model from_pretrained".split()
)

# Large values


def _large(found: Processes, crossing: Crossing) -> Findings:
    for node, scope in _repeated(crossing):
        meaning = found.view.names.meaning(node, scope)
        if meaning is not None and meaning.instance and meaning.name in LARGE:
            yield LARGE_PAYLOAD.at(
                found.view.file,
                found.view.span(crossing.resolved.call),
                f"`{crossing.name}` pickles `{spelled(node)}` (`{meaning.name}`) again for every task",
                hint="give it to each worker once by `initializer=`, share it by `multiprocessing.shared_memory`, or "
                "use threads if the work on it releases the GIL",
                function=function_of(crossing.scope).name,
            )
            return


def _repeated(crossing: Crossing) -> Iterator[tuple[ast.Name, Scope]]:
    """Names whose values go along with every task."""
    scope, loop = crossing.scope, crossing.resolved.context.loop
    if loop is not None:
        for value in crossing.values:
            for name in _names_in(value):
                if _is_from_before(name, scope, loop):
                    yield name, scope
    if crossing.iterables and isinstance(crossing.function, ast.Call):
        for value in (*crossing.function.args, *(word.value for word in crossing.function.keywords)):
            yield from ((name, scope) for name in _names_in(value))
    for iterable in crossing.iterables:
        yield from ((name, scope) for name in _copied(iterable))


def _names_in(node: ast.expr) -> Iterator[ast.Name]:
    if isinstance(node, ast.Name):
        yield node
    elif isinstance(node, ast.Tuple | ast.List):
        for each in node.elts:
            yield from _names_in(each)


def _is_from_before(name: ast.Name, scope: Scope, loop: ast.AST) -> bool:
    holder: Scope | None = scope.function
    bindings = holder.bindings.get(name.id, ()) if holder is not None else ()
    return all(each.line < getattr(loop, "lineno", 0) for each in bindings)


def _copied(node: ast.expr) -> Iterator[ast.Name]:
    """Names that each element of an iterable is made of."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        for side in (node.left, node.right):
            if isinstance(side, ast.List):
                yield from _names_in(side)
    elif isinstance(node, ast.ListComp | ast.GeneratorExp):
        bound = {each.id for part in node.generators for each in ast.walk(part.target) if isinstance(each, ast.Name)}
        yield from (name for name in _names_in(node.elt) if name.id not in bound)
    elif isinstance(node, ast.Call):
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if name == "repeat" and node.args:
            yield from _names_in(node.args[0])
        elif name in ("zip", "product"):
            for each in node.args:
                yield from _copied(each)


# Functions under the main guard


def _guarded(found: Processes) -> Findings:
    if found.only_forks or not found.workers:
        return
    tree = found.view.found.module.node
    guarded = {
        each
        for statement in getattr(tree, "body", ())
        if isinstance(statement, ast.If) and is_main_guard(statement.test)
        for each in ast.walk(ast.Module(statement.body, []))
        if isinstance(each, ast.FunctionDef)
    }
    for worker, crossing in found.workers if guarded else ():
        if worker.node in guarded and worker.parent is found.view.found.module:
            yield _main_only(found, worker, crossing)


def _main_only(found: Processes, worker: Scope, crossing: Crossing) -> Finding:
    return GUARDED.at(
        found.view.file,
        found.view.span(crossing.resolved.call),
        f'`{worker.name}` is defined under `if __name__ == "__main__"`: a process that is not forked does not have it',
        hint="define it above the guard; fork is the default on Linux up to Python 3.13 only",
        function=function_of(crossing.scope).name,
        confidence=Confidence.HIGH if found.never_forks else None,
    )
