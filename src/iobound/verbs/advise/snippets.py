"""Code that shows the change, with the program's own names.

Whatever comes from the source is parsed and written anew from its syntax tree, so that no snippet holds more than the
expressions that it is meant to hold; where that cannot be done there is no snippet.
"""

from __future__ import annotations

import ast
import builtins
from typing import NamedTuple

from iobound.model.breakdown import Site
from iobound.model.origin import is_cell
from iobound.model.source_facts import CallFact, LoopFact
from iobound.verbs.advise.preparing import names_read, prepared

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
        each: How the loop begins: `for` or `async for`.
        setting: Where the loop stands, as `LoopFact` has it.
        function: Name of its function as a comment may give it.
        before: What the iteration makes ready for the call, line by line.
        names: Names that are taken.
        local: Names that both need and that only code around the loop has.
        portable: Whether another process can be given all of them.
        sized: Whether the length of `iterable` can be asked for, as far as its spelling tells.
        in_cell: Whether it stands in a cell itself: in a notebook an event loop runs already, and nobody imports it.
    """

    callee: str
    target: str
    iterable: str
    call: str
    result: str
    plain: bool
    awaited: bool
    each: str
    setting: str
    function: str
    before: tuple[str, ...]
    names: frozenset[str]
    local: tuple[str, ...]
    portable: bool
    sized: bool
    in_cell: bool = False

    @property
    def one_name(self) -> bool:
        """Whether the loop variable is a single name, fit to be a parameter."""
        return self.target.isidentifier()

    def fresh(self, name: str) -> str:
        """The name, or one like it that the call does not use already."""
        while name in self.names:
            name += "_"
        return name


def parts_of(site: Site, fact: CallFact | None) -> Parts | None:
    """Take a site's loop apart; None when it is no `for` loop, calls nothing once per item, or its text is not whole.

    Args:
        site: A site whose loop was found in the source.
        fact: What the source says of the call; without it the callee is taken to get the loop variable alone.
    """
    if site.loop is None or not site.callee:
        return None
    return parts_of_loop(site.loop, site.callee, fact)


def parts_of_loop(loop: LoopFact, callee: str, fact: CallFact | None) -> Parts | None:
    """Take a loop and the call in it apart; see `parts_of`.

    Returns:
        None, too, where the source shows something else than a call, or what the call needs cannot be made ready.
    """
    if loop.kind not in {"for", "async for", "comprehension"}:
        return None
    target, iterable = _target(loop.target), _expression(loop.iterable)
    call = _call(fact.text if fact else f"{_spelled(callee)}({target})")
    if target is None or iterable is None or call is None:
        return None
    before = prepared(loop, call, _names_in(target))
    if before is None:
        return None
    plain = len(call.args) == 1 and not call.keywords and ast.unparse(call.args[0]) == target and not before.lines
    return Parts(
        callee=ast.unparse(call.func),
        target=target,
        iterable=iterable,
        call=ast.unparse(call),
        result=_result_name(loop.source, call),
        plain=plain and target.isidentifier(),
        awaited=bool(fact and fact.awaited),
        each="async for" if loop.kind == "async for" else "for",
        in_cell=is_cell(loop.file) and loop.function == "<module>",
        setting=loop.setting or ("module" if loop.function == "<module>" else "function"),
        function=_function_name(loop.function),
        before=before.lines,
        names=before.given | names_read(call) | set(loop.bound),
        local=tuple(sorted(before.given & set(loop.local))),
        portable=not before.given & set(loop.nested),
        sized=isinstance(_parsed(iterable), ast.Name | ast.Attribute | ast.List | ast.Tuple),
    )


def threads(parts: Parts | None, workers: int) -> str:
    """Snippet for a pool of threads."""
    if parts is None or not _fits_pools(parts):
        return ""
    lines = [
        "from concurrent.futures import ThreadPoolExecutor",
        "",
        *([] if parts.plain else _one(parts)),
        f"with ThreadPoolExecutor(max_workers={workers}) as pool:",
        f"    for {parts.result} in pool.map({_mapped(parts)}, {parts.iterable}):",
        "        ...  # what the loop did with it",
    ]
    return _valid(lines)


def processes(parts: Parts | None, workers: int, chunk: int | None) -> str:
    """Snippet for a pool of processes, with chunks where items are short; None for a part of however many there are.

    What is pickled must stand at module level: a loop in a function gets a helper there, and what it uses as arguments.
    """
    if parts is None or not _fits_pools(parts) or not parts.portable:
        return ""
    items, before = parts.iterable, []
    if chunk is None and not parts.sized:
        items = parts.fresh("items")
        before = [f"{items} = list({parts.iterable})"]
    chunks = "" if chunk == 1 else f", chunksize={chunk}"
    if chunk is None:
        chunks = f", chunksize=max(1, len({items}) // {4 * workers})"
    apart = parts.setting != "module"
    passed = parts.local if apart and not parts.plain else ()
    mapped = _mapped(parts)
    if passed:
        mapped = f"partial({mapped}, {', '.join(f'{name}={name}' for name in passed)})"
    use = [
        *before,
        f"with ProcessPoolExecutor(max_workers={workers}) as pool:",
        f"    for {parts.result} in pool.map({mapped}, {items}{chunks}):",
        "        ...  # what the loop did with it",
    ]
    lines = [
        *(["# at module level"] if apart else []),
        "from concurrent.futures import ProcessPoolExecutor",
        *(["from functools import partial"] if passed else []),
        "",
        *([] if parts.plain else _one(parts, passed)),
    ]
    if parts.in_cell:
        lines += ["# what it calls stands in a module that is imported: workers know nothing of cells", *use]
    elif apart:
        where = f"in {parts.function}" if parts.setting in {"function", "coroutine"} else "in place of the loop"
        lines += [f'# {where}, reached only under `if __name__ == "__main__":` (workers import this file again)', *use]
    else:
        lines += ['if __name__ == "__main__":  # workers import this file again', *(f"    {line}" for line in use)]
    return _valid(lines)


def tasks(parts: Parts | None, workers: int) -> str:
    """Snippet for a task group whose tasks are limited by a semaphore."""
    if parts is None:
        return ""
    one, limit, together = parts.fresh("one"), parts.fresh("limit"), parts.fresh("all_at_once")
    parameter = parts.target if parts.one_name else parts.fresh(ITEM)
    unpack = [] if parts.one_name else [f"        {parts.target} = {parameter}"]
    unpack += [f"        {line}" for line in parts.before]
    note = "" if parts.awaited else "  # as a coroutine function, with an asynchronous client"
    in_coroutine = parts.awaited or parts.setting == "coroutine" or parts.in_cell
    lines = [
        "import asyncio",
        "",
        f"async def {together}():",
        f"    {limit} = asyncio.Semaphore({workers})",
        "",
        f"    async def {one}({parameter}):",
        *unpack,
        f"        async with {limit}:",
        f"            return await {parts.call}{note}",
        "",
        "    async with asyncio.TaskGroup() as group:",
        f"        tasks = [group.create_task({one}({ITEM})) {parts.each} {ITEM} in {parts.iterable}]",
        "    return [task.result() for task in tasks]",
        "",
        f"{parts.result}s = {f'await {together}()' if in_coroutine else f'asyncio.run({together}())'}",
    ]
    return _valid(lines)


def chunks(parts: Parts | None, chunk: int) -> str:
    """Snippet for handing many items over at once to a pool of processes that is there already."""
    if parts is None or not parts.plain or not parts.portable:
        return ""
    return _valid(
        [
            f"for {parts.result} in pool.map({parts.callee}, {parts.iterable}, chunksize={chunk}):",
            "    ...  # what the loop did with it",
        ]
    )


def lists(loop: LoopFact, fact: CallFact, size: int) -> str:
    """Snippet that hands the items of a loop over in lists; none where the loop hands over something else."""
    parts, call = parts_of_loop(loop, fact.name, fact), _call(fact.text)
    if parts is None or call is None or not parts.plain or not _fits_pools(parts):
        return ""
    if parts.sized:
        return lists_of(parts.iterable, parts.callee, size)
    items = parts.fresh("items")
    return _valid([f"{items} = list({parts.iterable})", *lists_of(items, parts.callee, size).split("\n")])


def lists_of(items: str, put: str, size: int) -> str:
    """Snippet that hands a sequence over in lists."""
    return _valid(
        [f"for start in range(0, len({items}), {size}):", f"    {put}({items}[start : start + {size}])"],
    )


def commits(loop: LoopFact, fact: CallFact, size: int) -> str:
    """Snippet that commits once for many of a loop's items; none where the connection is made in the loop."""
    call, target, iterable = _call(fact.text), _target(loop.target), _expression(loop.iterable)
    receiver = call.func.value if call is not None and isinstance(call.func, ast.Attribute) else _parsed(fact.text)
    if target is None or iterable is None or not isinstance(receiver, ast.Name | ast.Attribute) or loop.kind != "for":
        return ""
    if names_read(receiver) & (set(loop.bound) | _names_in(target)):
        return ""
    return commits_of(target if target.isidentifier() else f"({target})", iterable, ast.unparse(receiver), size)


def commits_of(target: str, iterable: str, connection: str, size: int) -> str:
    """Snippet that commits once for many rows."""
    return _valid(
        [
            f"for number, {target} in enumerate({iterable}, 1):",
            "    ...  # what the loop does, without its commit",
            f"    if number % {size} == 0:",
            f"        {connection}.commit()",
            f"{connection}.commit()",
        ]
    )


def off_the_loop(call: str) -> str:
    """Snippet that moves a blocking call of a coroutine to a thread."""
    found = _call(call)
    if found is None or any(isinstance(value, ast.Starred) for value in found.args):
        return ""
    arguments = [ast.unparse(found.func), *map(ast.unparse, found.args), *map(ast.unparse, found.keywords)]
    return _valid([f"result = await asyncio.to_thread({', '.join(arguments)})"], coroutine=True)


def _fits_pools(parts: Parts) -> bool:
    return not parts.awaited and parts.each == "for"


def _mapped(parts: Parts) -> str:
    return parts.callee if parts.plain else parts.fresh("one")


def _one(parts: Parts, passed: tuple[str, ...] = ()) -> list[str]:
    """A function of one item: pools of processes cannot pickle a lambda."""
    parameter = parts.target if parts.one_name else parts.fresh(ITEM)
    unpack = [] if parts.one_name else [f"    {parts.target} = {parameter}"]
    unpack += [f"    {line}" for line in parts.before]
    return [f"def {_mapped(parts)}({', '.join([parameter, *passed])}):", *unpack, f"    return {parts.call}", ""]


def _names_in(target: str) -> set[str]:
    node = _parsed(target)
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)} if node is not None else set()


def _function_name(qualified: str) -> str:
    """A function's name as a comment may give it."""
    name = qualified.replace(".<locals>", "")
    return f"`{name}`" if name.replace(".", "").isidentifier() and len(name) <= LONGEST else "the function"


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
