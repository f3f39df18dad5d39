"""What a loop is like besides whether its iterations need one another: tries again, polls, turns pages, has a pool.

Plain data, so that it can be kept once the syntax tree is gone.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from iobound.model.finding import Span
from iobound.model.source_facts import DELIBERATE_SLEEPS
from iobound.verbs.scan.loop.apart import gives_memory, is_anywhere, is_of_shared, is_posting
from iobound.verbs.scan.loop.attempts import asks_for_state, event_asked, is_idle, only_tests_answers, tries_again
from iobound.verbs.scan.loop.bounds import most_items
from iobound.verbs.scan.loop.callees import root_of
from iobound.verbs.scan.loop.downloads import downloads_of
from iobound.verbs.scan.loop.elsewhere import guarded_calls, is_mapped_elsewhere, made_once
from iobound.verbs.scan.loop.few import is_few
from iobound.verbs.scan.loop.fixed import fixed_text
from iobound.verbs.scan.loop.flow import usage
from iobound.verbs.scan.loop.ordering import ordering_of
from iobound.verbs.scan.loop.rewriting import threaded
from iobound.verbs.scan.loop.statements import looks_for_pattern, may_be_refused, statements_of
from iobound.verbs.scan.loop.testing import is_in_test
from iobound.verbs.scan.loop.view import View, repeated
from iobound.verbs.scan.syntax.names import Names, spelled
from iobound.verbs.scan.syntax.sources import Source
from iobound.verbs.scan.syntax.survey import Context, LoopNode, Scope
from iobound.verbs.scan.syntax.walking import walk

Place = Callable[[ast.AST], Span]

_BATCHES = re.compile(r"(?i)batch|chunk|page|block|window|grouper|partition|zip_longest")
_POOLS = re.compile(r"(Executor|ThreadPool|Pool|Parallel|TaskGroup|Nursery)$")
_SUBMITS = frozenset({"submit", "apply_async", "map_async", "run_in_executor", "create_task", "delay", "spawn"})
_STATES = frozenset("alive all any done empty finished full is_alive is_done is_running is_set len qsize ready".split())
"""Last names of calls that ask for a state of this program: whoever changes it could say so."""

_FEW_STATEMENTS = 3
_RUNNING = frozenset({"Popen", "call", "check_call", "check_output", "getoutput", "popen", "run", "system"})
"""Last names of calls that run what they are given as a command."""

_TRANSACTIONS = re.compile(r"(?i)atomic|transaction|begin|savepoint")
_GUARDS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef, ast.Module)
_LOOPS = (ast.For, ast.AsyncFor, ast.While)


class Traits(NamedTuple):
    """What else the source says of a loop.

    Attributes:
        tries_again: Each round is another attempt at the same.
        asks: Each round asks whether one thing is ready, and sleeps; what is answered is used for nothing else.
        polls: Rounds sleep until something has come about.
        sleeps: Whether some path of a round sleeps on purpose.
        pooled: Each round makes a pool of workers, or hands work to one.
        batched: Each item is many already.
        idles: It does nothing but sleep until what others set, or do, has come about.
        pages: What a round is given back says where the next one goes on.
        follows: What a round asks for comes out of an answer of the one before, not out of counting.
        yields: Results are handed out one at a time.
        idle_target: The items are not used: it repeats the same on purpose.
        in_transaction: A `with` around it makes one transaction of it.
        reads_file: It runs over the lines of a file.
        runs_items: Its items are commands that children run: only who wrote them knows whether one needs another.
        statements: Places of calls that run a statement of a database, and what is run: see `statements_of`.
        refusable: Whether a row that a database refuses is seen to by itself.
        fixed: Places of calls that are the same in every iteration.
        rare: Places of calls that not every iteration makes.
        shown: Places of calls whose output is to be read in the order of the iterations.
        polling: Places of calls that only wait until something has come about that goes on by itself.
        downloads: Places of calls that fetch a whole file from where another answer says that it is.
        refuses: Whether what an iteration is given may end the loop by an exception.
        resumes: Whether a part of the collection stands for what is done already, or still to be done.
        limit: What is counted up to a fixed number at which the loop ends; empty without that.
        in_handler: Whether it is done because something has failed.
        few: Whether its items are few by nature: given on a command line, or batches of a fixed size.
        in_test: Whether it is a part of a test.
        most: The largest number of its items, -1 where the source does not say it.
        elsewhere: Whether a pool maps the same function over the same items in another branch.
        once: Places of calls after which the loop is left, whatever happens.
        guarded: Places of calls of which each may fail without an end of the loop.
        event: What a `while` asks whether it is set, as the source spells it; empty where it asks for no event.
        anywhere: Places of requests whose whole address an attribute of the item is.
        patterns: Places of queries that look for a pattern, as `LIKE` does.
        in_memory: Whether its items are files in memory, wherever there are several.
        together: Whether its items are parts of one session, or are posted to one place: their order is seen.
        suggestion: The loop with a pool of threads; empty where it cannot be written.
    """

    tries_again: bool = False
    asks: bool = False
    polls: bool = False
    sleeps: bool = False
    pooled: bool = False
    batched: bool = False
    idles: bool = False
    pages: bool = False
    follows: bool = False
    yields: bool = False
    idle_target: bool = False
    in_transaction: bool = False
    reads_file: bool = False
    runs_items: bool = False
    statements: tuple[tuple[Span, str], ...] = ()
    refusable: bool = False
    fixed: tuple[Span, ...] = ()
    rare: tuple[Span, ...] = ()
    shown: tuple[Span, ...] = ()
    polling: tuple[Span, ...] = ()
    downloads: tuple[Span, ...] = ()
    refuses: bool = False
    resumes: bool = False
    limit: str = ""
    in_handler: bool = False
    few: bool = False
    in_test: bool = False
    most: int = -1
    elsewhere: bool = False
    once: tuple[Span, ...] = ()
    guarded: tuple[Span, ...] = ()
    event: str = ""
    anywhere: tuple[Span, ...] = ()
    patterns: tuple[Span, ...] = ()
    in_memory: bool = False
    together: bool = False
    suggestion: str = ""


def traits_of(
    loop: LoopNode,
    context: Context,
    names: Names,
    source: Source,
    place: Place,
    caught: Sequence[tuple[int, int]] = (),
) -> Traits:
    """Look at the syntax of a loop.

    Args:
        context: What is around it.
        place: Gives the place of a node as findings have it.
        caught: First and last lines of what the file does after failures.
    """
    function = context.scope.function
    try:
        view = View(loop, function, usage(loop), tuple(repeated(loop)))
    except RecursionError:
        return Traits()
    calls = [node for node in view.nodes if isinstance(node, ast.Call)]
    sleeps = any(_is_sleep(call, names, function) for call in calls)
    statements = tuple((place(call), text) for call in calls if (text := statements_of(call, view, names)))
    order = ordering_of(view, calls, names)
    return Traits(
        tries_again=tries_again(view, source),
        asks=sleeps and asks_for_state(view) and only_tests_answers(view),
        polls=sleeps and isinstance(loop, ast.While) and not _takes_items(calls),
        sleeps=sleeps,
        pooled=any(_is_pooled(call) for call in calls),
        batched=_is_batched(loop, source),
        idles=_idles(loop, view),
        pages=_turns_pages(loop, view),
        follows=_turns_pages(loop, view, by_counting=False) and not _gives_one_answer(view),
        yields=any(way.word == "yield" for way in view.usage.exits),
        idle_target=is_idle(view),
        in_transaction=_in_transaction(context, names),
        reads_file=_reads_file(loop, names, function),
        runs_items=any(_runs_item(call, view) for call in calls),
        statements=statements,
        refusable=any(text == "writes" for _, text in statements) and may_be_refused(view, names),
        fixed=tuple(place(call) for call in calls if _is_fixed(call, view)),
        rare=tuple(map(place, _rare(loop))),
        shown=tuple(map(place, order.shown)),
        polling=tuple(map(place, order.polling)),
        downloads=tuple(map(place, downloads_of(view))),
        refuses=order.refuses,
        resumes=order.resumes,
        limit=order.limit,
        in_handler=_is_in_handler(loop, function, caught),
        few=is_few(loop, function),
        in_test=is_in_test(context.scope, names),
        most=most_items(loop, function, names),
        elsewhere=is_mapped_elsewhere(loop, function),
        once=tuple(map(place, made_once(loop))),
        guarded=tuple(map(place, guarded_calls(loop))),
        event=event_asked(loop),
        anywhere=tuple(place(call) for call in calls if is_anywhere(call, view)),
        patterns=tuple(place(call) for call in calls if looks_for_pattern(call)),
        in_memory=gives_memory(loop, function, names),
        together=is_of_shared(view) or is_posting(view),
        suggestion=threaded(loop),
    )


def _is_in_handler(loop: LoopNode, function: Scope, caught: Sequence[tuple[int, int]]) -> bool:
    begins = getattr(function.node, "lineno", 0)
    return any(begins <= first < loop.lineno <= last for first, last in caught)


def _takes_items(calls: Iterable[ast.Call]) -> bool:
    taking = {"get", "get_nowait", "pop", "popleft", "blpop", "receive_message"}
    return any(
        isinstance(call.func, ast.Attribute) and call.func.attr in taking and all(map(_is_flag, call.args[:1]))
        for call in calls
    )


def _is_flag(node: ast.expr) -> bool:
    """Whether it is what `queue.get(True)` is given, rather than a key."""
    return isinstance(node, ast.Constant) and isinstance(node.value, bool)


def _is_sleep(call: ast.Call, names: Names, scope: Scope) -> bool:
    if spelled(call.func).rpartition(".")[2] not in ("sleep", "wait") and not isinstance(call.func, ast.Name):
        return False
    meaning = names.meaning(call.func, scope)
    return meaning is not None and not meaning.local and meaning.name in DELIBERATE_SLEEPS


def _runs_item(call: ast.Call, view: View) -> bool:
    command = call.args[0] if call.args and spelled(call.func).rpartition(".")[2] in _RUNNING else None
    return isinstance(command, ast.Name) and command.id in view.usage.targets


def _is_pooled(call: ast.Call) -> bool:
    last = spelled(call.func).rpartition(".")[2]
    return bool(_POOLS.search(last)) or (last in _SUBMITS and isinstance(call.func, ast.Attribute))


def _is_batched(loop: LoopNode, source: Source) -> bool:
    if isinstance(loop, ast.While):
        return False
    pairs = (
        [(loop.target, loop.iter)]
        if isinstance(loop, ast.For | ast.AsyncFor)
        else [(each.target, each.iter) for each in loop.generators]
    )
    for target, over in pairs:
        if isinstance(over, ast.Call) and spelled(over.func) == "range" and len(over.args) == 3:
            return True
        called = spelled(over.func) if isinstance(over, ast.Call) else source.slice(over)
        if _BATCHES.search(called) or _BATCHES.search(source.slice(target)):
            return True
    return False


def _idles(loop: LoopNode, view: View) -> bool:
    """`while not job.done(): sleep(1)`: what the test asks is in this program, and a round has no part in it."""
    if not isinstance(loop, ast.While) or isinstance(loop.test, ast.Constant):
        return False
    asked = [*walk(loop.test)]
    calls = [spelled(node.func).rpartition(".")[2] for node in asked if isinstance(node, ast.Call)]
    names = {node.id for node in asked if isinstance(node, ast.Name)}
    does = len(loop.body) <= _FEW_STATEMENTS and all(isinstance(each, ast.Expr | ast.Pass) for each in loop.body)
    return does and _STATES.issuperset(calls) and names.isdisjoint(view.usage.written)


def _turns_pages(loop: LoopNode, view: View, *, by_counting: bool = True) -> bool:
    """Whether a name that a round sets out of what a call gave is given to the call of the next round."""
    if not isinstance(loop, ast.While):
        return False
    used = view.usage
    carried = {name for name in used.written if name in used.early}
    counted = {name for name, updates in used.updates.items() if all(each.counts for each in updates)}
    given = {
        part.id
        for call in used.calls
        for argument in (*call.args, *(word.value for word in call.keywords))
        for part in walk(argument)
        if isinstance(part, ast.Name)
    }
    if not by_counting:
        return bool((carried - counted) & given)
    return bool(carried & given) or bool(counted & given and (used.exits or carried))


def _gives_one_answer(view: View) -> bool:
    """Whether it ends with what one round was given, as after redirects: the answers before it are no pages."""
    given = (node.value for node in view.nodes if isinstance(node, ast.Return))
    return any(isinstance(value, ast.Name) and view.usage.is_private(value.id) for value in given)


def _in_transaction(context: Context, names: Names) -> bool:
    around: Context | None = context
    while around is not None and not isinstance(around.node, _GUARDS):
        for item in around.node.items if isinstance(around.node, ast.With | ast.AsyncWith) else ():
            if _TRANSACTIONS.search(spelled(item.context_expr)):
                return True
            meaning = names.meaning(item.context_expr, context.scope)
            if meaning is not None and meaning.instance and meaning.name.endswith("Connection"):
                return True
        around = around.outer
    return False


def _reads_file(loop: LoopNode, names: Names, function: Scope) -> bool:
    if isinstance(loop, ast.While):
        return False
    over = loop.iter if isinstance(loop, ast.For | ast.AsyncFor) else loop.generators[0].iter
    meaning = names.meaning(over, function)
    return meaning is not None and meaning.instance and meaning.name.startswith("io.") and not meaning.local


# Calls in it


def _is_fixed(call: ast.Call, view: View) -> bool:
    """Whether a call is given the same, and asks the same object, in every iteration."""
    if isinstance(view.loop, ast.While):
        return False
    arguments = [*call.args, *(word.value for word in call.keywords)]
    if any(not _is_same(argument, view) for argument in arguments):
        return False
    return not isinstance(call.func, ast.Attribute) or _is_same(call.func.value, view)


def _is_same(node: ast.expr, view: View) -> bool:
    if isinstance(node, ast.Call) and fixed_text(node, view) is None:
        return _is_fixed(node, view)
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return all(_is_same(each, view) for each in node.elts)
    if isinstance(node, ast.Dict):
        return all(_is_same(each, view) for each in (*node.values, *(key for key in node.keys if key)))
    if fixed_text(node, view) is None:
        return False
    root = root_of(node)
    return root is None or not _is_changed(root.id, view)


def _is_changed(name: str, view: View) -> bool:
    """Whether an iteration changes the object of a name: sets a part of it, or calls a method that may."""
    return any(root is not None and root.id == name for root in (root_of(target) for target, _ in view.usage.stores))


def _rare(loop: LoopNode) -> Iterator[ast.Call]:
    """Calls that depend on a test, or on a failure, inside of an iteration."""
    if isinstance(loop, _LOOPS):
        for statement in loop.body:
            yield from _under_tests(statement)
    else:
        for element in [loop.key, loop.value] if isinstance(loop, ast.DictComp) else [loop.elt]:
            for node in walk(element):
                if isinstance(node, ast.IfExp):
                    yield from _calls(node.body, node.orelse)


def _under_tests(statement: ast.AST) -> Iterator[ast.Call]:
    for node in walk(statement):
        if isinstance(node, ast.If):
            yield from _calls(*node.body, *node.orelse)
        elif isinstance(node, ast.ExceptHandler):
            yield from _calls(*node.body)
        elif isinstance(node, ast.IfExp):
            yield from _calls(node.body, node.orelse)


def _calls(*nodes: ast.AST) -> Iterator[ast.Call]:
    for node in nodes:
        yield from (part for part in walk(node) if isinstance(part, ast.Call))
