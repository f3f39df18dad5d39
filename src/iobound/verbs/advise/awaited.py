"""Calls that are awaited one after another, as the source tells them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from iobound.model.breakdown import Ran
from iobound.model.origin import is_own_code
from iobound.model.recording import Recording
from iobound.model.source_facts import DELIBERATE_SLEEPS, CallFact, LoopFact
from iobound.verbs.advise import groups

HANDED = (*groups.OF_OTHER_TASKS, "queue.", "multiprocessing.", "concurrent.futures.", "threading.")
"""Types whose methods wait for another task, thread or process of the program."""

TOGETHER = frozenset({"gather", "wait", "as_completed", "sleep", "sleep_forever", "checkpoint"})
"""Names in `asyncio` and its like, or alone, that sleep or await several at once already."""

LIBRARIES = frozenset({"asyncio", "trio", "anyio", "curio", ""})

WITHOUT_ARGUMENTS = frozenset({"get", "join", "wait", "recv", "result", "acquire", "get_nowait", "task_done"})
"""Methods that take from a queue, future or task when nothing is given; what is fetched has to be named."""

TAKES = (".get", ".recv", ".receive")

STREAMED = frozenset({"read", "readline", "readexactly", "readuntil", "drain", "write", "send", "put", "send_json"})
"""Methods of one stream or queue, whose items come in its order."""


class Awaited(NamedTuple):
    """A call that a loop awaits in every iteration.

    Attributes:
        call: What is called; its name is the spelled one where no look met it.
        loop: The loop.
        line: Where the call stands.
        seen: Whether a look met the call.
    """

    call: CallFact
    loop: LoopFact
    line: int
    seen: bool


def one_after_another(recording: Recording, ran: Ran | None = None) -> Awaited | None:
    """The call to await at once: rather one that was met, and one over items than one that takes what comes.

    Args:
        recording: What the source says.
        ran: What it has to stand in, or to call; None: anything.
    """
    found = [
        each
        for each in (*_met(recording), *_read(recording))
        if (each.loop.kind != "while" or _is_worker(each.loop)) and (ran is None or _concerns(each, ran))
    ]
    return min(found, key=lambda each: (not each.seen, each.loop.kind == "while"), default=None)


def _concerns(each: Awaited, ran: Ran) -> bool:
    """Whether the loop is in functions that ran, or awaits the one that the calls are of."""
    called = each.call.name.rpartition(".")[2]
    return (each.loop.file, each.loop.function) in ran.functions or called == ran.function.rpartition(".")[2]


def waits_for_work(call: CallFact) -> bool:
    """Whether what is awaited sleeps, is another task's doing, or is the next part of one stream.

    Example:
        >>> waits_for_work(CallFact("asyncio.Queue.get", "jobs.get()"))
        True
        >>> waits_for_work(CallFact("aiohttp.ClientSession.get", "session.get(url)"))
        False
    """
    owner, _, last = call.name.rpartition(".")
    if call.name in DELIBERATE_SLEEPS or call.name.startswith(HANDED):
        return True
    if owner in LIBRARIES and last in TOGETHER:
        return True
    empty = call.text.endswith("()") and last in WITHOUT_ARGUMENTS
    return bool(owner) and (empty or (last in STREAMED and not _names_a_url(call.text)))


def _is_worker(loop: LoopFact) -> bool:
    """Whether a loop takes its items from a queue: more such tasks could take more at once."""
    return any(call.text.endswith("()") and call.name.endswith(TAKES) for _, call in _awaits(loop))


def _names_a_url(text: str) -> bool:
    """A client's `put` and `send` take where to, and then what."""
    try:
        call = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    given = len(call.args) + len(call.keywords) if isinstance(call, ast.Call) else 0
    return given > 1 or "url" in text.lower() or "http" in text.lower()


def _met(recording: Recording) -> Iterator[Awaited]:
    facts = recording.facts
    for index, fact in facts.calls.items():
        loops = [facts.loops[loop] for loop in facts.enclosing.get(index, ())]
        where = recording.places[index]
        if fact.awaited and loops and is_own_code(where.file) and loops[-1].independent != "no":
            if not waits_for_work(fact):
                yield Awaited(fact, loops[-1], where.line, seen=True)


def _read(recording: Recording) -> Iterator[Awaited]:
    """Loops that no look met: their own text says what they await."""
    enclosing = {loop for loops in recording.facts.enclosing.values() for loop in loops}
    for number, loop in enumerate(recording.facts.loops):
        if number in enclosing or loop.independent == "no" or not is_own_code(loop.file):
            continue
        for line, call in _awaits(loop):
            if not waits_for_work(call):
                yield Awaited(call, loop, line, seen=False)


def _awaits(loop: LoopFact) -> Iterator[tuple[int, CallFact]]:
    from textwrap import dedent  # slow to import, and most runs await nothing

    try:
        pending: list[ast.AST] = [ast.parse(dedent(loop.source))]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    while pending:
        node = pending.pop(0)
        if isinstance(node, ast.Await) and isinstance(node.value, ast.Call):
            name = ast.unparse(node.value.func)
            yield loop.line + node.lineno - 1, CallFact(name, ast.unparse(node.value), awaited=True)
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            pending.extend(ast.iter_child_nodes(node))
