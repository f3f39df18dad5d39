"""Whether the iterations of a loop need one another: could they run at the same time?

The kinds of names are those of Cython's `prange`: private to an iteration, only read, reduced into, or carried from one
iteration to the next. What cannot be seen is a doubt, and the answer is then `unknown`.
"""

from __future__ import annotations

import ast
from bisect import bisect_left
from typing import NamedTuple

from iobound.verbs.scan.catalogue.lookup import Catalogue
from iobound.verbs.scan.loop.flow import Exit, Usage, names_in, usage
from iobound.verbs.scan.loop.sharing import COLLECTING, WRITING, Grounds, Sharing
from iobound.verbs.scan.loop.throttles import Throttles
from iobound.verbs.scan.loop.view import View, repeated
from iobound.verbs.scan.syntax.names import Names, spelled
from iobound.verbs.scan.syntax.survey import LoopNode, Scope, Survey
from iobound.verbs.scan.syntax.walking import walk

OBSTACLES = 8
"""Obstacles that are told; more do not help."""

_CONTENT = frozenset({"any", "all", "next"})
_DRAINING = frozenset({"get", "get_nowait", "pop", "popleft", "popitem", "lpop", "rpop", "blpop"})


class Verdict(NamedTuple):
    """`yes`, `no` or `unknown`, and why not or what to mind."""

    independent: str
    obstacles: tuple[str, ...] = ()
    throttled: bool = False
    grows: bool = False
    ordered: tuple[str, ...] = ()


class Judge:
    """Judges the loops of one file."""

    def __init__(self, found: Survey, names: Names, catalogue: Catalogue) -> None:
        self._sharing = Sharing(found, names, catalogue)
        self._throttles = Throttles(names)
        self._found = found
        self._uses: dict[ast.AST, dict[str, list[tuple[int, bool, int]]]] = {}  # of names, by function
        self._stopped: dict[ast.AST, str] | None = None  # generator expressions by who is content with a part of them

    def verdict(self, loop: LoopNode, function: Scope) -> Verdict:
        """Whether the iterations of a loop are independent of one another."""
        try:
            return self._verdict(loop, function)
        except RecursionError:
            return Verdict("unknown", ("nested too deeply to be followed",))

    def _verdict(self, loop: LoopNode, function: Scope) -> Verdict:
        view = View(loop, function, usage(loop), tuple(repeated(loop)))
        grounds = Grounds()
        _exits(view, grounds)
        if isinstance(loop, ast.GeneratorExp) and (name := self._stops(loop)):
            grounds.blocks.append(f"stops early: `{name}` asks for no more than it needs")
        _carried(view, grounds)
        self._sharing.weigh(view, grounds)
        self._kept(view, grounds)
        if isinstance(loop, ast.While):
            _round_by_round(view, grounds)
        obstacles = tuple(dict.fromkeys([*grounds.blocks, *grounds.doubts, *grounds.notes]))[:OBSTACLES]
        independent = "no" if grounds.blocks else "unknown" if grounds.doubts else "yes"
        return Verdict(independent, obstacles, self._throttles.slows(loop, function), _grows(view), _ordered(view))

    def _kept(self, view: View, grounds: Grounds) -> None:
        """Names whose last value is used after the loop."""
        if not isinstance(view.loop, ast.For | ast.AsyncFor | ast.While):
            return
        function = view.function.node
        if function not in self._uses:  # which many loops may share
            self._uses[function] = _uses_by_name(function)
        after = (view.loop.end_lineno or view.loop.lineno) + 1
        for name in sorted(view.usage.private):
            uses = self._uses[function].get(name, [])
            first = bisect_left(uses, (after,))
            if first < len(uses) and not uses[first][1]:
                grounds.notes.append(f"the last value of `{name}` is used after the loop")

    def _stops(self, loop: ast.GeneratorExp) -> str:
        """Who may leave a generator expression before its end, empty for nobody."""
        if self._stopped is None:
            self._stopped = {
                call.args[0]: call.func.id
                for call in self._found.calls
                if call.args and isinstance(call.func, ast.Name) and call.func.id in _CONTENT
            }
        return self._stopped.get(loop, "")


def _exits(view: View, grounds: Grounds) -> None:
    for way in view.usage.exits:
        if way.word == "yield":
            grounds.doubts.append(f"hands out results one at a time (`yield` in line {way.line})")
        elif way.word == "break" and _is_about_items(way, view.usage):
            grounds.notes.append(f"stops early by the item alone (line {way.line}): cut the items first")
        else:
            grounds.blocks.append(f"stops early: `{way.word}` in line {way.line}")


def _is_about_items(way: Exit, used: Usage) -> bool:
    """Whether the tests need nothing but the item: then the items can be cut before any work is done."""
    parts = [part for test in way.tests for part in ast.walk(test)]
    names = {part.id for part in parts if isinstance(part, ast.Name)}
    changing = (set(used.written) | set(used.updates)) - used.targets
    return bool(names & used.targets) and not names & changing and not any(isinstance(part, ast.Call) for part in parts)


def _carried(view: View, grounds: Grounds) -> None:
    used = view.usage
    for name, updates in used.updates.items():
        if name in used.written:
            if name not in used.early:
                grounds.blocks.append(f"`{name}` is carried from one iteration to the next")
        elif name not in used.reads:
            if len({update.operator for update in updates}) == 1:
                grounds.notes.append(f"reduction over `{name}`")
            else:
                grounds.blocks.append(f"`{name}` is carried from one iteration to the next")
        elif len(updates) == 1 and updates[0].counts:
            grounds.notes.append(f"`{name}` counts iterations: `enumerate` numbers the items")
        else:
            grounds.blocks.append(f"`{name}` is carried from one iteration to the next")
    for name in used.early:
        if name not in used.written or name in used.targets:
            continue
        if _is_running_best(name, view):
            grounds.notes.append(f"reduction over `{name}` (a running best)")
        else:
            grounds.blocks.append(f"`{name}` is carried from one iteration to the next")
    for name in used.written:
        if view.function.redirected.get(name) and name not in used.early:
            grounds.doubts.append(f"sets `{name}`, which is not the function's own")


def _is_running_best(name: str, view: View) -> bool:
    """`if best is None or score > best: best = score`: read in the tests around its own writes, nowhere else."""
    guards = view.usage.guarded.get(name, [])
    tested: set[ast.AST] = set()
    for tests in guards:
        around = {part for test in tests for part in ast.walk(test)}
        if not any(isinstance(part, ast.Name) and part.id == name for part in around):
            return False
        tested |= around
    compared = any(isinstance(part, ast.Lt | ast.Gt | ast.LtE | ast.GtE) for part in tested)
    return compared and all(read in tested for read in view.usage.reads.get(name, []))


def _uses_by_name(function: ast.AST) -> dict[str, list[tuple[int, bool, int]]]:
    """By name: line, whether it is written, and column of each use, in order; a statement reads, then writes."""
    uses: dict[str, list[tuple[int, bool, int]]] = {}
    for node in walk(function):
        if isinstance(node, ast.Name):
            uses.setdefault(node.id, []).append((node.lineno, not isinstance(node.ctx, ast.Load), node.col_offset))
    for each in uses.values():
        each.sort()
    return uses


def _round_by_round(view: View, grounds: Grounds) -> None:
    """A `while` loop decides anew each time; only a queue that is drained, or a counter, lets go of the order."""
    drained = _drained(view)
    if drained:
        taken = names_taken(view, drained)
        grounds.blocks = [text for text in grounds.blocks if not _belongs_to_drain(text, drained, taken)]
        grounds.doubts = [text for text in grounds.doubts if not text.endswith(f"may share `{drained}`")]
        grounds.doubts.append(f"drains `{drained}`: several workers could, if each item stands alone")
        return
    counters = {name for name, updates in view.usage.updates.items() if all(update.counts for update in updates)}
    assert isinstance(view.loop, ast.While)
    tested = {part.id for part in ast.walk(view.loop.test) if isinstance(part, ast.Name)}
    if tested & counters and not tested & set(view.usage.written):
        grounds.doubts.append(f"counts with `{min(tested & counters)}`: a `for` over a range would say so")
    else:
        grounds.blocks.append("`while`: each round decides whether there is another")


def _ordered(view: View) -> tuple[str, ...]:
    """Calls that write to, or collect into, an object from outside of the loop."""
    functions = (call.func for call in view.usage.calls if isinstance(call.func, ast.Attribute))
    wanted = (func for func in functions if func.attr in COLLECTING | WRITING and view.is_outer(func.value) is not None)
    return tuple(dict.fromkeys(spelled(func) for func in wanted))[:OBSTACLES]


def _grows(view: View) -> bool:
    """Whether a loop adds to the queue that it drains, or to what it runs over."""
    path = _drained(view) if isinstance(view.loop, ast.While) else ""
    adding = (call.func for call in view.usage.calls if isinstance(call.func, ast.Attribute))
    return bool(path) and any(func.attr in COLLECTING and spelled(func.value) == path for func in adding)


def _drained(view: View) -> str:
    for call in view.usage.calls:
        if isinstance(call.func, ast.Attribute) and call.func.attr in _DRAINING and len(call.args) <= 2:
            if view.is_outer(call.func.value) is not None and not _is_keyed_get(call):
                return spelled(call.func.value)
    return ""


def _is_keyed_get(call: ast.Call) -> bool:
    """`d.get(key)` looks something up; `q.get()` and `q.get(True, 5)` take something away."""
    named = call.args[0] if call.args else None
    return (
        isinstance(call.func, ast.Attribute) and call.func.attr == "get" and named is not None and not _is_flag(named)
    )


def _is_flag(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, bool)


def names_taken(view: View, drained: str) -> set[str]:
    """Names that hold what was taken from the queue."""
    taken: set[str] = set()
    for node in view.nodes:
        if isinstance(node, ast.Assign | ast.NamedExpr) and any(
            isinstance(part, ast.Attribute) and part.attr in _DRAINING and spelled(part.value) == drained
            for part in ast.walk(node.value)
        ):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            taken |= {name for target in targets for name in names_in(target)}
    return taken


def _belongs_to_drain(text: str, drained: str, taken: set[str]) -> bool:
    if text.startswith("stops early: `break`") or f"`{drained}." in text or f"`{drained}`" in text:
        return True
    return any(text.startswith(f"`{name}` is carried") for name in taken)
