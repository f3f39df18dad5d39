"""Waiting for one file of the machine: so short that it matters only where others are likely to wait for the loop."""

from __future__ import annotations

import ast
import re

from iobound.verbs.scan.catalogue.entries import Entry
from iobound.verbs.scan.program.effects import WAITS, Effect
from iobound.verbs.scan.program.facts import CallSite, How, LoopFacts
from iobound.verbs.scan.program.tree import Function
from iobound.verbs.scan.rules.coroutines import Coroutine, handed_over, is_waiting_call
from iobound.verbs.scan.rules.program import Program

SHORT_S = 0.1
"""Up to which waiting hardly matters while a program starts or ends."""

_LIGHT_S = 1e-3
_FEW = 10
_NOT_ONE = (
    "dbm.",
    "django.",
    "glob.",
    "mailbox.",
    "os.fwalk",
    "os.walk",
    "pathlib.Path.glob",
    "pathlib.Path.rglob",
    "pathlib.Path.walk",
    "shelve.",
    "tarfile.",
    "zipfile.",
)
_ON_FILES = frozenset(
    "dump flush load read read1 readinto readline readlines truncate write writelines __enter__ __next__".split()
)
_OPENING = frozenset({"NamedTemporaryFile", "TemporaryFile", "fdopen", "open"})
_SHORT_KINDS = ("disk", "lock", "cpu-python", "cpu-native-releases-gil", "cpu-native-holds-gil")


def is_light(name: str, entry: Entry) -> bool:
    """Whether a call opens, reads, writes or moves one file or folder.

    Example:
        >>> from iobound.verbs.scan.catalogue.lookup import catalogue
        >>> [is_light(name, catalogue().find(name)) for name in ("builtins.open", "shutil.rmtree", "os.fsync")]
        [True, False, False]
    """
    return entry.category == "disk" and entry.weight_s <= _LIGHT_S and not name.startswith(_NOT_ONE)


def is_light_chain(program: Program, coroutine: Coroutine, site: CallSite, effect: Effect) -> bool:
    """Whether no more than that waits at the end of calls of which none is in a loop."""
    if not is_light(effect.name, effect.entry) or is_repeated(program, coroutine, site):
        return False
    at, step = effect.through, 0
    while at is not None and step < _FEW:
        inner = program.effects.of(at).get(effect.entry.category)
        kind = program.tree.function(at).kind
        if "g" in kind and "w" not in kind:
            return False  # each item of a generator
        if inner is None:
            break
        facts = program.tree.modules[at.module].facts
        if inner.site.loop >= 0 and not _is_short(facts.loops[inner.site.loop]):
            return False
        at, step = inner.through, step + 1
    return True


def is_repeated(program: Program, coroutine: Coroutine, site: CallSite) -> bool:
    """Whether a loop makes a call again and again."""
    return site.loop >= 0 and not _is_short(program.loop(coroutine.subject, site.loop))


def _is_short(loop: LoopFacts) -> bool:
    return 0 <= loop.trips < _FEW


def is_bundled(program: Program, effect: Effect) -> bool:
    """Whether what waits at the end reads a file that comes with the program."""
    return bool(at_end(program, effect).how & How.BUNDLED)


def at_end(program: Program, effect: Effect) -> CallSite:
    """The call that waits at the end of others."""
    return _end_of(program, effect)[1]


def _end_of(program: Program, effect: Effect) -> tuple[Function | None, CallSite]:
    """That call and the function that it stands in, None where it is the first itself."""
    function, site, at, step = None, effect.site, effect.through, 0
    while at is not None and step < _FEW:
        inner = program.effects.of(at).get(effect.entry.category)
        if inner is None:
            break
        function, site, at, step = at, inner.site, inner.through, step + 1
    return function, site


def is_short_lock(program: Program, effect: Effect) -> bool:
    """Whether a lock on a file, taken further down, is held while no more than one file is read or written."""
    function, site = _end_of(program, effect)
    if function is None or not effect.name.startswith("fcntl.") or site.loop >= 0:
        return False
    known = program.effects.of(function)
    disk = known.get("disk")
    if disk is None or not _SHORTLY.issuperset(kind for kind in known if kind in WAITS):
        return False
    listed = program.effects.listed.get(function, ())
    return all(
        is_light(name, entry) and each.loop < 0
        for each, name, entry in listed
        if entry.category == "disk" and is_waiting_call(each, entry)
    ) and is_light(disk.name, disk.entry)


_SHORTLY = frozenset({"disk", "lock"})


def is_of_program(program: Program, effect: Effect) -> bool:
    """Whether a wait is for such a file, or reads on in what was opened before."""
    return is_bundled(program, effect) or (effect.through is None and is_of_open_file(effect.name))


def is_of_start_or_stop(program: Program, coroutine: Coroutine, site: CallSite, kind: str, weight_s: float) -> bool:
    """Whether a short wait belongs to the start or the end of a program: before it serves anybody, or after."""
    if kind not in _SHORT_KINDS or weight_s >= SHORT_S:
        return False
    beside, key = program.beside, coroutine.subject.key
    return beside.is_life_cycle(key) or site.span.line <= beside.serves_from(key)


def shared_state(program: Program, coroutine: Coroutine, site: CallSite) -> str:
    """An attribute that a call is given as it is, and that the file changes in place: empty where there is none.

    In a thread it might change while it is written, and two calls might write at once.
    """
    lines = (program.closeup.text(coroutine.subject.key.module)).split(b"\n")
    call = b"\n".join(lines[site.span.line - 1 : site.span.end_line])
    for name in dict.fromkeys(_GIVEN.findall(call)):
        changed = rb"self\.%b(?:\[[^\]\n]*\])*(?:\[[^\]\n]*\] *[-+|]?=(?!=)|\.(?:%b)\()" % (re.escape(name), _CHANGING)
        if re.search(changed, b"\n".join(lines)):
            return f"self.{name.decode()}"
    return ""


def at_once(text: bytes, opening: CallSite, method: str, library: str) -> str:
    """What to do instead of `open(p).read()`: one function does all of that; empty where there is none.

    Args:
        text: Of the file in which it stands.
        method: `read` or `write`.
    """
    if method not in _WHOLE or opening.span.line != opening.span.end_line:
        return ""
    line = text.split(b"\n")[opening.span.line - 1].decode("utf-8", "replace")
    try:
        call = ast.parse(line[opening.span.column : opening.span.end_column], mode="eval").body
    except SyntaxError:
        return ""
    if not isinstance(call, ast.Call) or not call.args:
        return ""
    mode = next((word.value for word in call.keywords if word.arg == "mode"), [*call.args, None][1])
    is_bytes = isinstance(mode, ast.Constant) and "b" in str(mode.value)
    whole = f"Path({ast.unparse(call.args[0])}).{method}_{'bytes' if is_bytes else 'text'}"
    return f"use `{handed_over(whole if method == 'read' else whole + ', …', library)}`"


_WHOLE = ("read", "write")
_GIVEN = re.compile(rb"[,(=] *self\.(\w+) *(?=[,)])")
_CHANGING = b"add|append|clear|discard|extend|insert|pop|popitem|popleft|remove|setdefault|update"


def is_opening(name: str) -> bool:
    """Whether a call gives an open file."""
    return name.rpartition(".")[2] in _OPENING


def is_of_open_file(name: str) -> bool:
    """Whether a call reads or writes a file that is open."""
    return name.rpartition(".")[2] in _ON_FILES
