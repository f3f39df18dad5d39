"""Whether a function computes in Python: its loops do arithmetic, and nothing in it waits or leaves the interpreter.

A measure with care: a function of which anything cannot be told counts as one that may do something else.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from iobound.verbs.scan.program.closeup import CloseUp, Code
from iobound.verbs.scan.program.summary import is_stub
from iobound.verbs.scan.program.view import FileView, Resolved
from iobound.verbs.scan.syntax.names import spelled
from iobound.verbs.scan.syntax.survey import Bound, Scope

DEPTH = 3
"""Calls that are followed."""

MANY = 1000
"""Repetitions from which arithmetic in a loop takes a time worth speaking of."""

_PLAIN_METHODS = frozenset(
    "append extend add update setdefault get pop popleft appendleft remove discard insert index count keys values "
    "items copy clear sort reverse join split rsplit splitlines strip lstrip rstrip startswith endswith replace lower "
    "upper format encode decode find rfind partition rpartition isdigit isalpha isalnum isspace title capitalize zfill "
    "ljust "
    "rjust translate union intersection difference issubset bit_length to_bytes as_integer_ratio conjugate hex".split()
)
_PLAIN_MODULES = frozenset(
    "math cmath collections itertools functools operator random statistics string re bisect heapq decimal fractions "
    "dataclasses typing enum copy builtins datetime time logging warnings textwrap difflib json".split()
)
_ARRAYS = frozenset("numpy scipy pandas torch tensorflow jax cupy polars numba cython sklearn cv2 PIL pyarrow".split())
_LOOPS = (ast.For, ast.While, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_TEXT = (ast.JoinedStr, ast.List, ast.ListComp, ast.Tuple)


class Work(NamedTuple):
    """What a function computes by its own statements and those of the functions that it calls.

    Attributes:
        computes: Whether loops of it do arithmetic many times.
        opaque: Calls of which it cannot be told what they do, as spelled; those may wait or release the GIL.
        arrays: Whether it deals with arrays of libraries that compute outside of the interpreter.
    """

    computes: bool = False
    opaque: tuple[str, ...] = ()
    arrays: bool = False

    @property
    def is_python(self) -> bool:
        """Whether it computes in Python and does nothing else as far as can be seen."""
        return self.computes and not self.opaque and not self.arrays

    def and_that_of(self, other: Work) -> Work:
        """What both compute."""
        return Work(self.computes or other.computes, (*self.opaque, *other.opaque)[:4], self.arrays or other.arrays)


def is_plain_call(view: FileView, scope: Scope, node: ast.Call) -> bool:
    """Whether a call neither waits nor leaves the interpreter for long, as far as its own file tells."""
    meaning = view.names.meaning(node.func, scope)
    if meaning is None:
        return isinstance(node.func, ast.Attribute) and node.func.attr in _PLAIN_METHODS
    if meaning.local:
        return False
    owner = meaning.name.partition(".")[0]
    return owner in _PLAIN_MODULES or (owner == "builtins" and view.catalogue.find(meaning.name) is None)


class Computing:
    """Measures functions; answers are remembered."""

    def __init__(self, closeup: CloseUp) -> None:
        self._closeup = closeup
        self._memo: dict[Code, Work] = {}

    def of(self, code: Code, depth: int = DEPTH) -> Work:
        """What a call of a function computes."""
        if code in self._memo:
            return self._memo[code]
        self._memo[code] = Work()  # what calls itself is told by its own statements
        nodes = self._closeup.nodes(code)
        found = Work(
            computes_much(nodes) or _recurses(code, nodes), tuple(self._opaque(code, nodes)), _has_arrays(code, nodes)
        )
        for _, callee in self._closeup.callees(code) if depth > 0 else ():
            if found.opaque or found.arrays:
                break  # nothing that is called can make this one simple: its files need not be read
            found = found.and_that_of(self.of(callee, depth - 1))
        self._memo[code] = found
        return found

    def _opaque(self, code: Code, nodes: list[ast.AST]) -> Iterator[str]:
        known = {each.node: each for each in self._closeup.calls(code)}
        for node in nodes:
            if isinstance(node, ast.Call) and not self._is_plain(code, node, known.get(node)):
                yield code.view.source.slice(node.func)

    def _is_plain(self, code: Code, node: ast.Call, resolved: Resolved | None) -> bool:
        """Whether it can be told that a call neither waits nor leaves the interpreter for long, or is looked at."""
        if resolved is None:
            if isinstance(node.func, ast.Attribute):
                return node.func.attr in _PLAIN_METHODS
            meaning = code.view.names.meaning(node.func, code.scope)
            return meaning is not None and meaning.name.startswith("builtins.")
        meaning = resolved.meaning
        if meaning.local and meaning.scope is not None:
            return meaning.scope.kind in ("function", "class", "lambda") and not is_stub(meaning.scope.node)
        if code.view.catalogue.find(meaning.name) is not None or meaning.name.partition(".")[0] in _PLAIN_MODULES:
            return True
        return self._closeup.code(code.module, meaning.symbol) is not None


def computes_much(nodes: list[ast.AST]) -> bool:
    """Whether a loop that may run many times does arithmetic."""
    texts = {
        target.id
        for node in nodes
        if isinstance(node, ast.Assign) and _is_of_texts(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    return any(repeats >= MANY and _calculates(loop, texts) for loop, repeats in _loops(nodes))


def _loops(nodes: list[ast.AST]) -> Iterator[tuple[ast.AST, int]]:
    """Loops, each with how often a pass through the deepest loop in it may happen for one run of the function."""
    outermost = {node for node in nodes if isinstance(node, _LOOPS)}
    for loop in [*outermost]:
        outermost.difference_update(part for part in ast.walk(loop) if part is not loop)
    for loop in outermost:
        pending: list[tuple[ast.AST, int]] = [(part, _repeats(loop)) for part in _body(loop)]
        most = _repeats(loop)
        while pending:
            node, repeats = pending.pop()
            if isinstance(node, _LOOPS):
                repeats = min(repeats * _repeats(node), MANY * MANY)
                most = max(most, repeats)
                yield node, repeats
            pending.extend((part, repeats) for part in ast.iter_child_nodes(node))
        yield loop, most


def _repeats(loop: ast.AST) -> int:
    """How often one loop may run: of a literal its length, of steps over numbers or of a `while` many times."""
    if isinstance(loop, ast.While):
        return MANY if not isinstance(loop.test, ast.Constant) else 1
    over = [loop.iter] if isinstance(loop, ast.For) else [each.iter for each in getattr(loop, "generators", ())]
    product = 1
    for each in over[:4]:
        product *= _length(each)
    return min(product, MANY * MANY)


def _length(over: ast.expr) -> int:
    if isinstance(over, ast.List | ast.Tuple | ast.Set):
        return len(over.elts)
    if not (isinstance(over, ast.Call) and isinstance(over.func, ast.Name) and over.func.id == "range"):
        return MANY // 20  # a container: two such loops in one another count
    bounds = [arg.value for arg in over.args if isinstance(arg, ast.Constant) and isinstance(arg.value, int)]
    if len(bounds) != len(over.args):
        return MANY
    return len(range(*bounds[:3])) if bounds and (len(bounds) < 3 or bounds[2]) else 0


def _body(loop: ast.AST) -> list[ast.AST]:
    if isinstance(loop, ast.For | ast.While):
        return [*loop.body]
    return [part for name in ("elt", "key", "value") if (part := getattr(loop, name, None)) is not None]


def _calculates(loop: ast.AST, texts: set[str]) -> bool:
    """Whether the body does arithmetic on numbers: joining texts and lists is none.

    Args:
        texts: Names of texts and lists.
    """
    for part in _body(loop):
        for node in ast.walk(part):
            if isinstance(node, ast.AugAssign) and not _is_step(node):
                if not _is_of_texts(node.value) and getattr(node.target, "id", "") not in texts:
                    return True
            if isinstance(node, ast.BinOp) and not _is_of_texts(node.left) and not _is_of_texts(node.right):
                if not (isinstance(node.right, ast.Constant) and node.right.value == 1):
                    return True
    return False


def _is_step(node: ast.AugAssign) -> bool:
    return isinstance(node.value, ast.Constant) and node.value.value == 1


def _is_of_texts(node: ast.expr) -> bool:
    while isinstance(node, ast.BinOp):  # of a long chain it is enough to look at the right sides
        if not isinstance(node.right, ast.BinOp) and _is_of_texts(node.right):
            return True
        node = node.left
    return isinstance(node, _TEXT) or (isinstance(node, ast.Constant) and isinstance(node.value, str | bytes))


def _recurses(code: Code, nodes: list[ast.AST]) -> bool:
    """Whether a function calls itself twice in one expression, such as `fib(n - 1) + fib(n - 2)`."""
    name = getattr(code.scope.node, "name", "")
    return any(
        isinstance(node, ast.BinOp) and _calls(node.left, name) and _calls(node.right, name) for node in nodes if name
    )


def _calls(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name


def _has_arrays(code: Code, nodes: list[ast.AST]) -> bool:
    """Whether it uses a library of arrays, or is compiled by one."""
    marks = getattr(code.scope.node, "decorator_list", [])
    if any("jit" in spelled(mark) for mark in marks):
        return True
    bindings = code.view.found.module.bindings
    return any(
        each.how is Bound.IMPORT and isinstance(each.payload, str) and each.payload.partition(".")[0] in _ARRAYS
        for name in {node.id for node in nodes if isinstance(node, ast.Name)}
        for each in bindings.get(name, ())
    )
