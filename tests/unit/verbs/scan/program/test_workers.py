"""Functions that are handed over, what they reach, and whether they compute."""

from __future__ import annotations

import textwrap

import pytest

from iobound.verbs.scan import scanning
from iobound.verbs.scan.catalogue.lookup import catalogue
from iobound.verbs.scan.program.effects import Effects
from iobound.verbs.scan.program.module_names import module_names
from iobound.verbs.scan.program.tree import Module, Tree
from iobound.verbs.scan.program.view import FileView
from iobound.verbs.scan.rules.program import Program
from iobound.verbs.scan.syntax.sources import decode, parse_whole
from iobound.verbs.scan.syntax.survey import survey

HEAD = """
import asyncio, threading, multiprocessing
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from joblib import Parallel, delayed

def f(x):
    global n
    n = x
"""


def program_of(**sources: str) -> Program:
    files = {f"{name}.py": textwrap.dedent(source).encode() for name, source in sources.items()}
    names = module_names(dict.fromkeys(files, 0))
    tops = frozenset(name for name, _ in names.values())
    modules = [Module(file, *names[file], scanning.read_facts(file, data, tops)) for file, data in files.items()]
    tree = Tree(modules, catalogue())

    def read_view(number: int) -> FileView | None:
        source = decode(files[modules[number].file])
        parsed = None if source is None else parse_whole(source)
        if source is None or parsed is None:
            return None
        found = survey(parsed, places=False)
        return FileView(modules[number].file, source, found, catalogue(), ascii_only=True)

    return Program(tree, Effects(tree, catalogue()), catalogue(), lambda n: files[modules[n].file], read_view)


def handed(body: str):
    """The one worker of a function with this body."""
    (worker,) = program_of(
        app=HEAD + "def g(xs, pool: Executor):\n" + textwrap.indent(textwrap.dedent(body), "    ")
    ).workers.all
    return worker


@pytest.mark.parametrize(
    ("body", "where", "overlaps", "workers"),
    [
        ("ThreadPoolExecutor(8).map(f, xs)", "thread", True, 8),
        ("with ProcessPoolExecutor(max_workers=3) as p: p.submit(f, 1)", "process", False, 3),
        ("for x in xs: pool.submit(f, x)", "executor", True, 0),
        ("for x in xs: threading.Thread(target=f).start()", "thread", True, 0),
        ("t = threading.Thread(target=f)", "thread", False, 0),
        ("for x in xs:\n    t = threading.Thread(target=f)\n    t.start()\n    t.join()", "thread", False, 0),
        ("ThreadPoolExecutor(max_workers=1).map(f, xs)", "thread", False, 1),
        ("p = ThreadPoolExecutor() if xs else ProcessPoolExecutor()\np.map(f, xs)", "executor", True, 0),
        ("multiprocessing.get_context('spawn').Pool(2).imap(f, xs)", "process", True, 2),
        ("Parallel(n_jobs=2, prefer='threads')(delayed(f)(x) for x in xs)", "thread", True, 2),
        ("Parallel(n_jobs=2)(delayed(f)(x) for x in xs)", "process", True, 2),
        ("for x in xs: asyncio.to_thread(f, x)", "thread", False, 0),
        ("[asyncio.to_thread(f, x) for x in xs]", "thread", True, 0),
        ("asyncio.get_event_loop().run_in_executor(None, f, 1)", "thread", False, 0),
    ],
)
def test_a_handing_says_where_and_how_many_run(body, where, overlaps, workers):
    worker = handed(body)
    assert (worker.handing.where, worker.overlaps, worker.handing.workers) == (where, overlaps, workers)


def test_one_function_handed_over_twice_in_one_place_overlaps():
    program = program_of(
        app=HEAD + "def g():\n    threading.Thread(target=f).start()\n    threading.Thread(target=f).start()\n"
    )
    assert [worker.overlaps for worker in program.workers.all] == [True, True]


def test_functions_of_other_modules_are_found_through_re_exports_though_they_do_nothing_that_waits():
    program = program_of(
        app="from concurrent import futures\nfrom api import work\nfutures.ThreadPoolExecutor().map(work, [])",
        api="from jobs import work",
        jobs="def work(x):\n    return step(x)\ndef step(x):\n    return x",
    )
    (worker,) = program.workers.all
    assert worker.code is not None and program.file(worker.code.module) == "jobs.py"
    reached = {each.code.name: [step.name for step in each.chain] for each in program.workers.in_threads}
    assert reached == {"work": [], "step": ["step"]}


def test_what_is_called_under_a_lock_is_reached_with_it():
    program = program_of(
        app=HEAD
        + "LOCK = threading.Lock()\ndef work(x):\n    with LOCK:\n        f(x)\nThreadPoolExecutor().map(work, [])"
    )
    assert {each.code.name: each.locked for each in program.workers.in_threads} == {"work": False, "f": True}


@pytest.mark.parametrize(
    ("body", "computes"),
    [
        ("t = 0\nfor i in range(x):\n    t += i * i\nreturn t", True),
        ("return sum(i * i for i in range(x))", True),
        ("t = 1\nwhile t < x:\n    t = t * 3\nreturn t", True),
        ("t = 0\nwhile True:\n    for i in range(x):\n        t += i * 2", True),
        ("t = 0\nfor row in x:\n    for cell in row:\n        t += cell * 2", True),
        ("t = 0\nfor i in range(10):\n    t += i * i\nreturn t", False),
        ("t = 0\nfor i in range(40):\n    for j in range(40):\n        t += i * j\nreturn t", True),
        ("t = 0\nfor row in x:\n    t += row * 2\nreturn t", False),
        ("t = ''\nfor i in range(x):\n    t += str(i)\nreturn t", False),
        ("t = []\nfor i in range(x):\n    t += [i]\nreturn t", False),
        ("n = 0\nfor i in range(x):\n    n += 1\nreturn n", False),
        ("return work(x - 1) + work(x - 2)", True),
        ("return x * 2", False),
    ],
)
def test_computing_is_arithmetic_that_is_repeated_often(body, computes):
    source = "from concurrent.futures import ThreadPoolExecutor\ndef work(x):\n" + textwrap.indent(body, "    ")
    program = program_of(app=source + "\nThreadPoolExecutor().map(work, [])")
    (worker,) = program.workers.all
    assert worker.code is not None
    assert program.computing.of(worker.code).computes is computes


@pytest.mark.parametrize(
    "expression", ["x" + " + 1" * 800, "[" * 80 + "x" + "]" * 80, "x" + ".a" * 800, "-" * 800 + "x"]
)
def test_deep_expressions_in_workers_are_looked_at_without_recursion(expression):
    source = f"""
from concurrent.futures import ThreadPoolExecutor
cache = {{}}
def work(x):
    global total
    total = total + ({expression})
    for i in range(x):
        cache[i] = i * ({expression})
    if x not in cache:
        cache[x] = 1
    return total
with ThreadPoolExecutor() as pool:
    pool.map(work, [])
"""
    data = source.encode()
    facts = {"a.py": scanning.read_facts("a.py", data)}
    assert {"IOB401", "IOB403"} <= {each.rule for each in scanning.findings(facts, {"a.py": data}.get)}
