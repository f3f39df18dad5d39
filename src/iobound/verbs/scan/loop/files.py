"""Files that every iteration of a loop opens, writes or moves under the same name."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from iobound.verbs.scan.loop.fixed import fixed_text
from iobound.verbs.scan.loop.view import View
from iobound.verbs.scan.syntax.names import Names
from iobound.verbs.scan.syntax.sources import shorten

_OPENING = frozenset({"builtins.open", "io.open", "codecs.open", "gzip.open", "bz2.open", "lzma.open"})
_WRITING = frozenset({"write_text", "write_bytes"})
_READING = frozenset({"read_text", "read_bytes"})
_MAKING = frozenset({"os.rename", "os.replace", "shutil.copyfile", "urllib.request.urlretrieve"})
"""Calls whose second argument is the name of a file that they make."""

_NOBODYS = frozenset({"os.devnull", "'/dev/null'", "'NUL'"})


def shared_files(views: Iterable[View], names: Names) -> tuple[list[str], list[str]]:
    """Files that iterations go on from, and those that they only write over each other, each as spelled."""
    read: set[str] = set()
    written: dict[str, None] = {}
    for view in views:
        for text, writes, reads in _opened(view, names):
            if reads:
                read.add(text)
            if writes and text not in _NOBODYS:
                written[text] = None
    both = [shorten(text, 60) for text in written if text in read]
    return both, [shorten(text, 60) for text in written if text not in read]


def _opened(view: View, names: Names) -> Iterator[tuple[str, bool, bool]]:
    """Files of the same name in every iteration, and whether they are written and read."""
    for call in view.usage.calls:
        path, mode = _path_and_mode(call, view, names)
        text = fixed_text(path, view) if path is not None else None
        if text is not None:
            yield text, any(sign in mode for sign in "wax+"), "r" in mode or "+" in mode


def _path_and_mode(call: ast.Call, view: View, names: Names) -> tuple[ast.expr | None, str]:
    func = call.func
    meaning = names.meaning(func, view.function)
    name = meaning.name if meaning is not None else ""
    if name in _OPENING and call.args:
        return call.args[0], _mode(call, 1)
    if name in _MAKING and len(call.args) > 1:
        return call.args[1], "w"
    if isinstance(func, ast.Attribute) and func.attr in _WRITING | _READING:
        return func.value, "w" if func.attr in _WRITING else "r"
    if isinstance(func, ast.Attribute) and name == "pathlib.Path.open":
        return func.value, _mode(call, 0)
    return None, ""


def _mode(call: ast.Call, index: int) -> str:
    words = [word.value for word in call.keywords if word.arg == "mode"]
    told = words[0] if words else call.args[index] if len(call.args) > index else None
    return told.value if isinstance(told, ast.Constant) and isinstance(told.value, str) else "r"
