"""IOB701 to IOB703, IOB706 and IOB707: files that are opened, read, written or asked about more often than needed."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from iobound.model.finding import Confidence, Edit, Fix, Severity, Span
from iobound.verbs.scan.loop.fixed import fixed_text
from iobound.verbs.scan.loop.flow import names_in, usage
from iobound.verbs.scan.loop.view import View
from iobound.verbs.scan.program.view import FileView, Resolved, argument_of
from iobound.verbs.scan.rules.around import enclosing_tests, is_repeated, walked
from iobound.verbs.scan.rules.rule import Findings, Rule
from iobound.verbs.scan.syntax.names import spelled
from iobound.verbs.scan.syntax.survey import Binding, Bound, Context, LoopNode, Scope

_W, _I, _H, _M = Severity.WARNING, Severity.INFO, Confidence.HIGH, Confidence.MEDIUM

REOPENED = Rule(
    "IOB701", "file-reopened-per-item", _W, _H, "A loop opens the same file again for each item.", default=False
)
WHOLE = Rule(
    "IOB702",
    "whole-file-for-its-lines",
    _I,
    _M,
    "All lines of a file are read before the first is used.",
    default=False,
)
UNBUFFERED = Rule("IOB703", "unbuffered-small-writes", _W, _M, "A loop writes small pieces to an unbuffered file.")
STAT = Rule(
    "IOB706",
    "list-then-stat",
    _I,
    _H,
    "Each entry of a folder is asked for its kind by a call of its own.",
    default=False,
)
EXISTS = Rule("IOB707", "exists-then-open", _I, _M, "A file is looked for, then opened.", default=False)
RULES = (REOPENED, WHOLE, UNBUFFERED, STAT, EXISTS)

_OPENING = ("builtins.open", "io.open", "codecs.open", "gzip.open", "bz2.open", "lzma.open", "pathlib.Path.open")
_KINDS = ("isfile", "isdir", "islink", "getsize", "getmtime", "getctime", "getatime")
_MORE = ("os.lstat", "os.stat", *(f"os.path.{kind}" for kind in ("getsize", "getmtime", "getctime", "getatime")))
_TESTS = ("os.path.exists", "os.path.isfile", "pathlib.Path.exists", "pathlib.Path.is_file")


def in_file(view: FileView) -> Findings:
    """Look at the calls that open, read and list."""
    named = view.by_name
    for name in _OPENING:
        for opening in named.get(name, ()):
            yield from _reopened(view, opening)
            yield from _unbuffered(view, opening)
    for name in ("io.IOBase.readlines", "io.IOBase.read"):
        for reading in named.get(name, ()):
            yield from _whole(view, reading)
    if "os.listdir" in named:
        yield from _stats(view)
    if any(name in named for name in _TESTS):
        yield from _looked_for(view)


# Opening


def _mode(call: ast.Call, name: str) -> str:
    mode = argument_of(call, 0 if name == "pathlib.Path.open" else 1, "mode")
    return mode.value if isinstance(mode, ast.Constant) and isinstance(mode.value, str) else "r" if mode is None else ""


def _reopened(view: FileView, opening: Resolved) -> Findings:
    loop, call = opening.context.loop, opening.call
    if not isinstance(loop, ast.For) or "a" not in _mode(call, opening.name) or not is_repeated(view, loop):
        return
    func = call.func
    of_path = opening.name == "pathlib.Path.open" and isinstance(func, ast.Attribute)
    path = func.value if of_path and isinstance(func, ast.Attribute) else argument_of(call, 0, "file")
    if path is None or not _is_same(path, loop, opening.context.scope.function):
        return
    if enclosing_tests(loop, call) or _sleeps(view, loop):
        return
    where = view.source.slice(path)
    yield REOPENED.at(
        view.file,
        view.span(call),
        f"`{where}` is opened and closed again for each item",
        hint=f"open `{where}` once around the loop",
        function=opening.context.scope.function.name,
        weight_s=1e-3,
    )


def _is_same(path: ast.expr, loop: LoopNode, function: Scope) -> bool:
    around = View(loop, function, usage(loop), tuple(walked(loop)))
    return fixed_text(path, around) is not None


def _sleeps(view: FileView, loop: LoopNode) -> bool:
    return any(each.context.loop is loop for each in view.by_name.get("time.sleep", ()))


def _unbuffered(view: FileView, opening: Resolved) -> Findings:
    buffering = argument_of(opening.call, 1 if opening.name == "pathlib.Path.open" else 2, "buffering")
    if not (isinstance(buffering, ast.Constant) and buffering.value == 0 and buffering.value is not False):
        return
    function = opening.context.scope.function
    names = {name for name, bindings in function.bindings.items() for each in bindings if each.payload is opening.node}
    for writing in view.by_name.get("io.IOBase.write", ()):
        func, loop = writing.call.func, writing.context.loop
        if not (isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name) and func.value.id in names):
            continue
        if loop is None or writing.context.scope.function is not function or opening.context.loop is loop:
            continue
        if isinstance(loop, ast.For) and is_repeated(view, loop) and not _is_large(writing.call):
            yield UNBUFFERED.at(
                view.file,
                view.span(writing.node),
                f"each `{func.value.id}.write` is a system call of its own: the file has no buffer",
                hint="open it with a buffer (leave out `buffering=0`), or write joined pieces",
                function=function.name,
                weight_s=1e-4,
            )


def _is_large(call: ast.Call) -> bool:
    """Whether what is written is called a block, which is large on purpose."""
    words = {part.id.lower() for arg in call.args for part in ast.walk(arg) if isinstance(part, ast.Name)}
    return any(sign in word for word in words for sign in ("chunk", "block", "page", "buf", "batch"))


# Reading


def _whole(view: FileView, reading: Resolved) -> Findings:
    call, func = reading.call, reading.call.func
    if call.args or call.keywords or not isinstance(func, ast.Attribute):
        return
    loop, over = _loop_over(view, call, reading.context)
    if loop is None or _is_pipe(view, func.value, call) or _keeps_lines(loop):
        return
    function = reading.context.scope.function
    lines = func.attr == "readlines"
    yield WHOLE.at(
        view.file,
        view.span(over),
        "the whole file is read into memory before its first line is used",
        hint=f"run over the file itself: `for … in {view.source.slice(func.value)}`",
        function=function.name,
        weight_s=1e-4,
        fix=_iterate(view, call, func, loop) if lines and over is call else None,
    )


def _keeps_lines(loop: LoopNode) -> bool:
    """Whether a list is made of the lines as they are: they are all there afterwards in any case."""
    if not isinstance(loop, ast.ListComp | ast.SetComp):
        return False
    kept = loop.elt
    target = loop.generators[0].target
    return isinstance(kept, ast.Name) and isinstance(target, ast.Name) and kept.id == target.id


def _is_pipe(view: FileView, opened: ast.expr, call: ast.Call) -> bool:
    """Whether it is what a child process writes, which is short."""
    pipes = {each.node for each in view.by_name.get("os.popen", ())}
    if not pipes or not isinstance(opened, ast.Name):
        return opened in pipes
    return any(each.payload in pipes for each in _bindings(view, opened.id, call))


def _loop_over(view: FileView, call: ast.Call, context: Context) -> tuple[LoopNode | None, ast.expr]:
    """The loop that runs over the lines which a call reads, and what it runs over."""
    for loop in context.scope.function.loops:
        for over in _iterables(loop):
            if over is call and isinstance(call.func, ast.Attribute) and call.func.attr == "readlines":
                return loop, over
            if _splits_lines(over, call):
                return loop, over
    return None, call


def _iterables(loop: LoopNode) -> Iterator[ast.expr]:
    if isinstance(loop, ast.While | ast.AsyncFor):
        return
    over = loop.iter if isinstance(loop, ast.For) else loop.generators[0].iter
    yield over
    if isinstance(over, ast.Call) and spelled(over.func) == "enumerate" and over.args:
        yield over.args[0]


def _splits_lines(node: ast.expr, call: ast.Call) -> bool:
    """Whether it is `….read().splitlines()` of that call, or the same with `split("\\n")`."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.value is call):
        return False
    if node.func.attr == "splitlines":
        return not node.args and not node.keywords
    return node.func.attr == "split" and len(node.args) == 1 and getattr(node.args[0], "value", None) == "\n"


def _iterate(view: FileView, call: ast.Call, func: ast.Attribute, loop: LoopNode) -> Fix | None:
    """Run over the file itself, where nothing else happens to it or to other files meanwhile."""
    if not isinstance(func.value, ast.Name) or not isinstance(loop, ast.For) or loop.orelse:
        return None
    name = func.value.id
    for node in walked(loop):
        if isinstance(node, ast.Name) and node.id == name:
            return None
        if isinstance(node, ast.Call | ast.Await | ast.Yield | ast.YieldFrom) and not _is_harmless(node):
            return None
    opened = [
        each.payload
        for each in _bindings(view, name, call)
        if isinstance(each.payload, ast.Call) and each.how is Bound.WITH
    ]
    if len(opened) != 1 or len(_bindings(view, name, call)) != 1:
        return None
    span, value = view.span(call), view.span(func.value)
    edit = Edit(Span(value.end_line, value.end_column, span.end_line, span.end_column), "")
    return Fix("Run over the file itself", (edit,), safe=True)


def _bindings(view: FileView, name: str, call: ast.Call) -> list[Binding]:
    for each in view.resolved:
        if each.node is call:
            return list(each.context.scope.function.bindings.get(name, ()))
    return []


_HARMLESS_METHODS = frozenset("strip rstrip lstrip split append add startswith endswith lower upper replace".split())
_HARMLESS_NAMES = frozenset("print len int float str".split())


def _is_harmless(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    func = node.func
    if isinstance(func, ast.Attribute):
        return func.attr in _HARMLESS_METHODS
    return isinstance(func, ast.Name) and func.id in _HARMLESS_NAMES


# Asking


def _stats(view: FileView) -> Findings:
    """`os.path.isfile(os.path.join(folder, name))` for each name of a folder."""
    told: set[LoopNode] = set()
    for kind in _KINDS:
        for asking in view.by_name.get(f"os.path.{kind}", ()):
            loop = _listing_loop(view, asking)
            if loop is None or loop in told:
                continue
            told.add(loop)
            if _is_needed_anyway(view, asking, loop) or _is_at_import(view, asking.context.scope.function):
                continue
            yield STAT.at(
                view.file,
                view.span(asking.node),
                f"`os.path.{kind}` asks the system again for each entry that `os.listdir` gave",
                hint="use `os.scandir`: its entries know their kind without another call",
                function=asking.context.scope.function.name,
                weight_s=1e-4,
                confidence=None if kind in ("isfile", "isdir", "islink") else _M,
            )


def _is_needed_anyway(view: FileView, asking: Resolved, loop: LoopNode) -> bool:
    """Whether entries are asked for more than their kind: that takes another call all the same."""
    if not asking.name.endswith(("isfile", "isdir", "islink")):
        return False
    others = [each for name in _MORE for each in view.by_name.get(name, ())]
    return any(each.context.loop is loop for each in others)


def _is_at_import(view: FileView, function: Scope) -> bool:
    """Whether it runs once, when the module is imported, as far as its file tells."""
    if function.kind == "module":
        return True
    scopes = [each.context.scope for each in view.resolved if each.meaning.scope is function]
    return bool(scopes) and all(scope.function.kind == "module" for scope in scopes)


def _listing_loop(view: FileView, asking: Resolved) -> LoopNode | None:
    loop = asking.context.loop
    if loop is None or isinstance(loop, ast.While | ast.AsyncFor):
        return None
    over = next(_iterables(loop))
    listing = over.args[0] if isinstance(over, ast.Call) and spelled(over.func) == "sorted" and over.args else over
    listed = {each.node for each in view.by_name.get("os.listdir", ())}
    if listing not in listed or not asking.call.args:
        return None
    targets = names_in(loop.target if isinstance(loop, ast.For) else loop.generators[0].target)
    asked = asking.call.args[0]
    if isinstance(asked, ast.Name) and asked.id not in targets:
        asked = _only_value(asking, asked.id) or asked
    if not _is_in(asked, listing):
        return None  # in another folder than the one that was listed
    named = {part.id for part in ast.walk(asked) if isinstance(part, ast.Name)}
    is_joined = isinstance(asked, ast.Name) or spelled(getattr(asked, "func", asked)).endswith("join")
    last = asked.args[-1] if isinstance(asked, ast.Call) and asked.args else asked
    return loop if targets & named and is_joined and isinstance(last, ast.Name) and last.id in targets else None


def _is_in(asked: ast.expr, listing: ast.expr) -> bool:
    """Whether a path is made of the folder that a call of `os.listdir` was given."""
    folder = ast.unparse(listing.args[0]) if isinstance(listing, ast.Call) and listing.args else ""
    if not isinstance(asked, ast.Call):
        return True
    return len(asked.args) < 2 or not folder or ast.unparse(asked.args[0]) == folder


def _only_value(asking: Resolved, name: str) -> ast.expr | None:
    bindings = asking.context.scope.function.bindings.get(name, [])
    if len(bindings) == 1 and isinstance(bindings[0].payload, ast.expr):
        return bindings[0].payload
    return None


def _looked_for(view: FileView) -> Findings:
    """`if os.path.exists(p): open(p)`: the same path in the test and in the block below it."""
    opened = [each for name in _OPENING for each in view.by_name.get(name, ())]
    opened += [each for verb in ("read_text", "read_bytes") for each in view.by_name.get(f"pathlib.Path.{verb}", ())]
    for name in _TESTS:
        for test in view.by_name.get(name, ()):
            asked = _path_of(test.call)
            for opening in opened:
                if opening.context.scope is test.context.scope and _path_of(opening.call) == asked and asked:
                    if enclosing_tests(test.context.scope.node, opening.call, within=test.call):
                        yield EXISTS.at(
                            view.file,
                            view.span(test.node),
                            f"`{asked}` is looked for and then opened: one call more, and it may be gone in between",
                            hint="open it and catch `FileNotFoundError`",
                            function=test.context.scope.function.name,
                            weight_s=1e-5,
                        )
                        break


def _path_of(call: ast.Call) -> str:
    func = call.func
    method = isinstance(func, ast.Attribute) and func.attr in ("exists", "is_file", "open", "read_text", "read_bytes")
    if method and isinstance(func, ast.Attribute) and spelled(func) not in ("os.path.exists", "io.open", "codecs.open"):
        return spelled(func.value) if not call.args or func.attr == "open" else ""
    return ast.unparse(call.args[0]) if call.args and isinstance(call.args[0], ast.Name | ast.Attribute) else ""
