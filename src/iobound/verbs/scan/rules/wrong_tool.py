"""IOB301 to IOB308 and IOB312: work that is handed to a kind of worker that cannot help it."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from iobound.model.finding import Confidence, Finding, Severity
from iobound.verbs.scan.program.computing import Work
from iobound.verbs.scan.program.effects import COMPUTES, WAITS
from iobound.verbs.scan.program.workers import ONE_BY_ONE, Worker
from iobound.verbs.scan.rules.oversubscribing import NESTED, nested_parallelism
from iobound.verbs.scan.rules.program import Program
from iobound.verbs.scan.rules.rule import Findings, Rule

_W, _I, _H, _M = Severity.WARNING, Severity.INFO, Confidence.HIGH, Confidence.MEDIUM

PYTHON = Rule("IOB301", "threads-for-python-computing", _W, _H, "Threads are given Python code that only computes.")
HOLDERS = Rule("IOB302", "threads-for-gil-holders", _W, _M, "Threads are given native code that keeps the GIL.")
WAITING = Rule("IOB303", "processes-for-waiting", _W, _M, "Processes are given work that only waits.")
NATIVE = Rule("IOB304", "processes-for-native-code", _W, _M, "Processes are given native code that releases the GIL.")
HASHES = Rule("IOB306", "small-hashes-in-threads", _I, _M, "Threads hash what may be short: that keeps the GIL.", False)
MIXED = Rule("IOB307", "waiting-and-computing-in-one-worker", _I, _M, "Workers wait and compute by turns.", False)
MAPPED = Rule("IOB308", "mmap-in-threads", _I, _M, "Threads read a memory map: page faults hold the GIL.")
WAKING = Rule("IOB312", "computing-thread-beside-waiting-ones", _W, _M, "A thread that computes delays others.")
RULES = (PYTHON, HOLDERS, WAITING, NATIVE, NESTED, HASHES, MIXED, MAPPED, WAKING)

_HASHES = tuple(f"hashlib.{name}" for name in ("md5", "sha", "blake2", "new"))
_RELEASES, _HOLDS, _PYTHON = "cpu-native-releases-gil", "cpu-native-holds-gil", "cpu-python"
_PRINT = "builtins.print"
_POOLS = ("multiprocessing.", "concurrent.futures.", "loky.", "joblib.")
_ELSEWHERE = frozenset({"network", "dns", "database", "subprocess", "sleep"})
_TRIVIAL = frozenset({"lock", "stdin", "idle", "select"})


def in_program(program: Program) -> Findings:
    """Look at every function that is handed over."""
    for worker in program.workers.all:
        if worker.overlaps and worker.boundary not in ONE_BY_ONE and (worker.code is not None or worker.library):
            if worker.handing.where == "thread":
                yield from _on_threads(program, worker)
            elif worker.handing.where == "process":
                yield from _in_processes(program, worker)
    yield from _computing_beside_waiting(program)


def effects_of(program: Program, worker: Worker) -> Mapping[str, str]:
    """Kinds of what the function waits for or computes, each with the call that does it; short waits count, too."""
    if worker.code is None:
        entry = program.catalogue.find(worker.library)
        return {} if entry is None or entry.blocking in ("no", "await") else {entry.category: worker.library}
    key = program.tree.key(worker.code.module, worker.code.key)
    if key is None:
        return {}
    found = {kind: effect.name for kind, effect in program.effects.of(key).items() if effect.name != _PRINT}
    for _, name, entry in program.effects.listed.get(key, ()):
        if entry.category in WAITS and entry.blocking in ("yes", "short", "maybe") and name != _PRINT:
            found.setdefault(entry.category, name)
    return found


def _work(program: Program, worker: Worker) -> Work:
    return Work() if worker.code is None else program.computing.of(worker.code)


# Threads


def _on_threads(program: Program, worker: Worker) -> Findings:
    effects, work = effects_of(program, worker), _work(program, worker)
    waits = {kind: name for kind, name in effects.items() if kind not in (*COMPUTES, *_TRIVIAL)}
    yield from nested_parallelism(program, worker)
    if _reads_map(program, worker):
        yield _at(
            program,
            worker,
            MAPPED,
            f"`{worker.name}` reads a memory map in threads: they wait for pages of the disk with the GIL held",
            "read with `os.pread`, which releases the GIL, or use processes that map the file themselves",
        )
    elif waits:
        yield from _mixed(program, worker, waits, effects, work)
    elif not work.opaque:
        yield from _computing(program, worker, effects, work)


def _mixed(
    program: Program, worker: Worker, waits: Mapping[str, str], effects: Mapping[str, str], work: Work
) -> Findings:
    computing = next((effects[kind] for kind in (_PYTHON, _HOLDS) if _weighs(effects.get(kind, ""))), "")
    if not work.computes and not computing:
        return
    kind, name = next(iter(waits.items()))
    what = f"`{computing}` holds the GIL" if computing else "its loops compute in Python"
    yield _at(
        program,
        worker,
        MIXED,
        f"`{worker.name}` waits for `{name}` ({kind}), and {what}: threads overlap the first only",
        "wait in threads and hand what they bring to processes, if a profile shows that the computing weighs",
    )


def _computing(program: Program, worker: Worker, effects: Mapping[str, str], work: Work) -> Findings:
    calls_python = _PYTHON in effects and (worker.code is None or _weighs(effects[_PYTHON]))
    if work.is_python or (calls_python and _RELEASES not in effects and not work.arrays):
        named = f" (`{effects[_PYTHON]}`)" if _PYTHON in effects and not work.computes else ""
        yield _at(
            program,
            worker,
            PYTHON,
            f"`{worker.name}` only computes in Python{named}: threads take turns with the GIL and finish no sooner",
            _PROCESSES,
            confidence=_H if work.is_python or worker.code is None else _M,
        )
    elif _HOLDS in effects and _RELEASES not in effects and (worker.code is None or _weighs(effects[_HOLDS])):
        yield _at(
            program,
            worker,
            HOLDERS,
            f"`{worker.name}` runs `{effects[_HOLDS]}`, which keeps the GIL: threads finish no sooner",
            _PROCESSES,
        )
    elif effects.get(_RELEASES, "").startswith(_HASHES):
        yield _at(
            program,
            worker,
            HASHES,
            f"`{effects[_RELEASES]}` keeps the GIL for less than 2,048 bytes: threads help with longer data only",
            "hash short texts without threads, or hand many of them to a process at once",
        )


def _weighs(name: str) -> bool:
    """Whether a call is one that may take long, as far as its name says."""
    return name != "" and name.partition(".")[0] not in _SMALL


_SMALL = frozenset({"builtins", "uuid", "urllib", "datetime", "time", "binascii", "textwrap", "calendar", "ipaddress"})
_PROCESSES = (
    "use processes (`ProcessPoolExecutor`), an `InterpreterPoolExecutor` (Python 3.14), or a free-threaded build"
)


def _reads_map(program: Program, worker: Worker) -> bool:
    code = worker.code
    if code is None:
        return worker.library.startswith("mmap.mmap.")
    if "mmap" not in code.view.found.module.bindings and "mmap" not in {
        each.name.partition(".")[0] for each in program.closeup.calls(code)
    }:
        return False
    if any(each.name.startswith("mmap.mmap.") for each in program.closeup.calls(code)):
        return True
    return any(
        isinstance(node, ast.Subscript)
        and (meaning := code.view.names.meaning(node.value, code.scope)) is not None
        and meaning.instance
        and meaning.name == "mmap.mmap"
        for node in program.closeup.nodes(code)
    )


# Processes


def _in_processes(program: Program, worker: Worker) -> Findings:
    effects, work = effects_of(program, worker), _work(program, worker)
    nested = list(nested_parallelism(program, worker))
    yield from nested
    if work.computes or work.opaque:
        return
    computing = [kind for kind in COMPUTES if kind in effects]
    waits = {kind: name for kind, name in effects.items() if kind not in COMPUTES and kind != "lock"}
    if any(name.startswith(_POOLS) for name in waits.values()):
        return  # what its own workers do is not known here
    if waits and not computing and not nested and set(waits) <= _ELSEWHERE:
        kind, name = next((kind, waits[kind]) for kind in WAITS if kind in waits)
        yield _at(
            program,
            worker,
            WAITING,
            f"`{worker.name}` only waits for `{name}` ({kind}): processes add start-up, pickling and memory to that",
            "use threads (`ThreadPoolExecutor`): waiting releases the GIL",
        )
    elif computing == [_RELEASES] and not waits and not effects[_RELEASES].startswith("hashlib."):
        yield _at(
            program,
            worker,
            NATIVE,
            f"`{effects[_RELEASES]}` releases the GIL: processes copy its data both ways without need",
            "use threads (`ThreadPoolExecutor`), as many as there are CPUs",
        )


# One thread that computes


def _computing_beside_waiting(program: Program) -> Findings:
    """Threads that compute, each beside threads of the same module that wait often."""
    by_module: dict[int, list[Worker]] = {}
    for worker in program.workers.all:
        if worker.handing.where == "thread" and worker.code is not None:
            by_module.setdefault(worker.module, []).append(worker)
    for workers in by_module.values():
        waiting = [(each, name) for each in workers if (name := _waits_often(program, each))]
        for worker in workers if waiting and len(workers) > 1 else ():
            beside = next(((other, name) for other, name in waiting if other.code != worker.code), None)
            if beside is None or worker.overlaps or worker.boundary in ONE_BY_ONE:
                continue
            if not set(effects_of(program, worker)) - {_PYTHON} and _work(program, worker).is_python:
                yield _waking(program, worker, *beside)


def _waits_often(program: Program, worker: Worker) -> str:
    effects = effects_of(program, worker)
    return next((effects[kind] for kind in ("network", "database", "sleep", "ipc", "disk") if kind in effects), "")


def _waking(program: Program, worker: Worker, other: Worker, name: str) -> Finding:
    return _at(
        program,
        worker,
        WAKING,
        f"`{worker.name}` computes in Python in a thread beside `{other.name}`: when `{name}` is done, that thread "
        "may wait 5 ms (`sys.getswitchinterval()`) for the GIL",
        "compute in a process",
    )


def _at(
    program: Program, worker: Worker, rule: Rule, message: str, hint: str, confidence: Confidence | None = None
) -> Finding:
    return rule.at(
        program.file(worker.module),
        worker.handing.span,
        message,
        hint=hint,
        function=worker.facts.name.partition("@")[0],
        confidence=confidence,
    )
