"""Code that shows the change, with the program's own names.

Whatever comes from the source is parsed and written anew from its syntax tree, so that no snippet holds more than the
expressions that it is meant to hold; where that cannot be done there is no snippet.
"""

from __future__ import annotations

import ast
import builtins
from typing import NamedTuple

from iobound.model.breakdown import Site
from iobound.model.recording import CallFact, LoopFact

LONGEST = 100
"""Characters of one expression beyond which a snippet explains nothing."""

RESULT = "result"
ITEM = "item"


class Parts(NamedTuple):
    """What a snippet is made of, each as valid source of one line.

    Attributes:
        callee: What is called per item.
        target: Loop variable or tuple of them.
        iterable: What the loop runs over.
        call: The call as it stands in the loop.
        result: Name that the loop gives to the result.
        plain: Whether the call takes the loop variable and nothing else, so that the callee itself can be mapped.
        awaited: Whether the call stands under `await`.
    """

    callee: str
    target: str
    iterable: str
    call: str
    result: str
    plain: bool
    awaited: bool

    @property
    def one_name(self) -> bool:
        """Whether the loop variable is a single name, fit to be a parameter."""
        return self.target.isidentifier()


def parts_of(site: Site, fact: CallFact | None) -> Parts | None:
    """Take a site's loop apart; None when it is no `for` loop or its text is not whole.

    Args:
        site: A site whose loop was found in the source.
        fact: What the source says of the call; without it the callee is taken to get the loop variable alone.
    """
    return parts_of_loop(site.loop, site.callee, fact) if site.loop is not None else None


def parts_of_loop(loop: LoopFact, callee: str, fact: CallFact | None) -> Parts | None:
    """Take a loop and the call in it apart; see `parts_of`."""
    if loop.kind not in {"for", "async for", "comprehension"}:
        return None
    target, iterable = _target(loop.target), _expression(loop.iterable)
    call = _call(fact.text if fact else "") or _call(f"{_spelled(callee)}({target})")
    if target is None or iterable is None or call is None:
        return None
    plain = len(call.args) == 1 and not call.keywords and ast.unparse(call.args[0]) == target
    return Parts(
        callee=ast.unparse(call.func),
        target=target,
        iterable=iterable,
        call=ast.unparse(call),
        result=_result_name(loop.source, call),
        plain=plain and target.isidentifier(),
        awaited=bool(fact and fact.awaited),
    )


def threads(parts: Parts | None, workers: int) -> str:
    """Snippet for a pool of threads."""
    if parts is None or parts.awaited:
        return ""
    mapped = parts.callee if parts.plain else "one"
    lines = [
        "from concurrent.futures import ThreadPoolExecutor",
        "",
        *([] if parts.plain else _one(parts)),
        f"with ThreadPoolExecutor(max_workers={workers}) as pool:",
        f"    for {parts.result} in pool.map({mapped}, {parts.iterable}):",
        "        ...  # what the loop did with it",
    ]
    return _valid(lines)


def processes(parts: Parts | None, workers: int, chunk: int | None) -> str:
    """Snippet for a pool of processes, with chunks where items are short; None for a part of however many there are."""
    if parts is None or parts.awaited:
        return ""
    mapped = parts.callee if parts.plain else "one"
    chunks = "" if chunk == 1 else f", chunksize={chunk}"
    if chunk is None:
        chunks = f", chunksize=max(1, len({parts.iterable}) // {4 * workers})"
    lines = [
        "from concurrent.futures import ProcessPoolExecutor",
        "",
        *([] if parts.plain else _one(parts)),
        'if __name__ == "__main__":  # workers import this file again',
        f"    with ProcessPoolExecutor(max_workers={workers}) as pool:",
        f"        for {parts.result} in pool.map({mapped}, {parts.iterable}{chunks}):",
        "            ...  # what the loop did with it",
    ]
    return _valid(lines)


def tasks(parts: Parts | None, workers: int) -> str:
    """Snippet for a task group whose tasks are limited by a semaphore."""
    if parts is None:
        return ""
    parameter = parts.target if parts.one_name else ITEM
    unpack = [] if parts.one_name else [f"        {parts.target} = {ITEM}"]
    note = "" if parts.awaited else "  # as a coroutine function, with an asynchronous client"
    lines = [
        "import asyncio",
        "",
        "async def main():",
        f"    limit = asyncio.Semaphore({workers})",
        "",
        f"    async def one({parameter}):",
        *unpack,
        "        async with limit:",
        f"            return await {parts.call}{note}",
        "",
        "    async with asyncio.TaskGroup() as group:",
        f"        tasks = [group.create_task(one({ITEM})) for {ITEM} in {parts.iterable}]",
        f"    {parts.result}s = [task.result() for task in tasks]",
        "",
        "asyncio.run(main())",
    ]
    return _valid(lines)


def chunks(parts: Parts | None, chunk: int) -> str:
    """Snippet for handing many items over at once to a pool of processes that is there already."""
    if parts is None or not parts.plain:
        return ""
    return _valid(
        [
            f"for {parts.result} in pool.map({parts.callee}, {parts.iterable}, chunksize={chunk}):",
            "    ...  # what the loop did with it",
        ]
    )


def off_the_loop(call: str) -> str:
    """Snippet that moves a blocking call of a coroutine to a thread."""
    found = _call(call)
    if found is None or any(isinstance(value, ast.Starred) for value in found.args):
        return ""
    arguments = [ast.unparse(found.func), *map(ast.unparse, found.args), *map(ast.unparse, found.keywords)]
    return _valid([f"result = await asyncio.to_thread({', '.join(arguments)})"], coroutine=True)


def _one(parts: Parts) -> list[str]:
    """A function at module level: pools of processes cannot pickle a lambda."""
    parameter = parts.target if parts.one_name else ITEM
    unpack = [] if parts.one_name else [f"    {parts.target} = {ITEM}"]
    return [f"def one({parameter}):", *unpack, f"    return {parts.call}", ""]


def _valid(lines: list[str], *, coroutine: bool = False) -> str:
    text = "\n".join(lines)
    if any(not line.isprintable() for line in lines):
        return ""
    checked = ["async def check():", *(f"    {line}" for line in lines)] if coroutine else lines
    try:
        ast.parse("\n".join(checked))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""
    return text


def _expression(text: str) -> str | None:
    node = _parsed(text)
    if node is None:
        return None
    written = ast.unparse(node)
    return written if len(written) <= LONGEST and "\n" not in written else None


def _target(text: str) -> str | None:
    node = _parsed(text)
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Tuple | ast.List) and node.elts and all(_is_name(element) for element in node.elts):
        return ", ".join(ast.unparse(element) for element in node.elts)
    return None


def _is_name(node: ast.expr) -> bool:
    if isinstance(node, ast.Tuple | ast.List):
        return bool(node.elts) and all(_is_name(element) for element in node.elts)
    return isinstance(node, ast.Name)


def _call(text: str) -> ast.Call | None:
    node = _parsed(text)
    if isinstance(node, ast.Await):
        node = node.value
    if not isinstance(node, ast.Call) or len(ast.unparse(node)) > LONGEST or "\n" in ast.unparse(node):
        return None
    return node if isinstance(node.func, ast.Name | ast.Attribute) else None


def _parsed(text: str) -> ast.expr | None:
    """The only expression of a text; a shortened text has an ellipsis in it, which no source has."""
    if "…" in text or "..." in text or len(text) > 4 * LONGEST:
        return None
    try:
        return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _spelled(callee: str) -> str:
    """The callee as a program may write it: `__main__` and the like are no names that it knows itself by."""
    return callee.removeprefix("__main__.").removeprefix("builtins.")


def _result_name(source: str, call: ast.Call) -> str:
    """Name that the loop assigns the call's result to, `result` where it assigns to none."""
    from textwrap import dedent  # slow to import, and most runs have no loop to be rewritten

    try:
        tree = ast.parse(dedent(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return RESULT
    wanted = ast.unparse(call)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Assign) or len(node.targets) != 1 or not isinstance(node.targets[0], ast.Name):
            continue
        value = node.value.value if isinstance(node.value, ast.Await) else node.value
        name = node.targets[0].id
        if isinstance(value, ast.Call) and ast.unparse(value) == wanted and name not in vars(builtins):
            return name
    return RESULT
