"""Stacks read from outside, beside what real programs of every installed interpreter say of themselves."""

from __future__ import annotations

import time

import pytest

from iobound.verbs.observe.line_table import position
from iobound.verbs.observe.sources.stack_frames import TornStack
from iobound.verbs.observe.sources.stack_memory import MAX_DEPTH

STANDING = {
    "at the top": "tell()",
    "calls": "def f(): tell()\ndef g(a, *b, c=1, **d): f()\ng(1, 2, c=3, e=4)",
    "nested functions": "def f():\n def g():\n  def h(): tell(); return x\n  x = 1\n  h()\n g()\nf()",
    "methods": (
        "class A:\n def __init__(self): self.b()\n @classmethod\n def c(cls): tell()\n @property\n def p(self): A.c()\n"
        " @staticmethod\n def s(a): a.p\n def b(self): self.s(self)\nA()"
    ),
    "class body": "class A:\n class B:\n  tell()",
    "inherited": "class A:\n def f(self): tell()\nclass B(A):\n def f(self): super().f()\nB().f()",
    "lambda": "(lambda: (lambda x: tell())(1))()",
    "long lines": "def f():\n" + "\n" * 500 + " " * 200 + "(tell\n\n(\n)\n)\nf()",
    "generators": "def f():\n yield 1\n yield tell()\ndef g(): yield from f()\nfor _ in g(): pass",
    "generator expression": "def f(): return sum(tell() or 1 for _ in range(2))\nf()",
    "generator that is closed": "def f():\n try: yield\n finally: tell()\ndef g():\n i = f(); next(i); i.close()\ng()",
    "comprehensions": "def f(): return [[tell() for _ in 'a'] for _ in {1: 2}]\nf()",
    "set and dict comprehensions": "def f(): return {1: {tell() for _ in 'a'} for _ in 'b'}\nf()",
    "sorted": "def key(x): tell(); return x\ndef f(): sorted([1], key=key)\nf()",
    "map and filter": "def f(x): tell(); return x\ndef g(): list(filter(None, map(f, [1])))\ng()",
    "reduce": "import functools\ndef f(a, b): tell()\nfunctools.reduce(f, map(lambda x: x, [1, 2]))",
    "partial": "import functools\ndef f(a): tell()\nfunctools.partial(f, 1)()",
    "callback of a regular expression": "import re\nre.sub('a', lambda m: tell() or '', 'a')",
    "special methods": (
        "class A:\n def __getattr__(self, n): tell()\n def __add__(self, o): self.x\n"
        " def __iter__(self): yield self + 1\n"
        " def __contains__(self, x): list(self)\n def __del__(self): 3 in self\ndef f(): A()\nf()"
    ),
    "with and except": (
        "class A:\n def __exit__(*a): pass\n def __enter__(self): 1 / 0\n"
        "def f():\n try:\n  with A(): pass\n except ZeroDivisionError:\n  try: raise ValueError\n  finally: tell()\nf()"
    ),
    "decorator": (
        "import functools, contextlib\n"
        "def d(f):\n @functools.wraps(f)\n def w(*a): return f(*a)\n return w\n"
        "@contextlib.contextmanager\ndef c():\n yield tell()\n@d\ndef f():\n with c(): pass\nf()"
    ),
    "coroutines": (
        "import asyncio\nasync def f(): tell()\nasync def g():\n await asyncio.sleep(0)\n await f()\n"
        "async def h(): await asyncio.gather(g(), asyncio.sleep(0))\nasyncio.run(h())"
    ),
    "asynchronous generators": (
        "import asyncio\nasync def f():\n yield tell()\nasync def g(): return [x async for x in f()]\nasyncio.run(g())"
    ),
    "callback of an event loop": (
        "import asyncio\nasync def f():\n asyncio.get_running_loop().call_soon(tell)\n await asyncio.sleep(0.01)\n"
        "asyncio.run(f())"
    ),
    "exec and eval": "def f(): exec('def g():\\n eval(\"tell()\")\\ng()', globals())\nf()",
    "import": "class F:\n def find_spec(*a): tell()\nsys.meta_path.insert(0, F)\ntry: import nothing\nexcept: pass",
    "names that are not ASCII": "def größe(): tell()\nclass Ж:\n def 函数(self): größe()\nЖ().函数()",
    "trace and profile functions": "def p(*a):\n sys.setprofile(None)\n tell()\nsys.setprofile(p)\ndef f(): pass\nf()",
    "many local variables": (
        "exec('def f():\\n' + ''.join(f' v{n} = {n}\\n' for n in range(3000)) + ' tell()\\ndef g(): f()')\ng()"
    ),
    "recursion": "def f(n): f(n - 1) if n else tell()\nf(100)",
    "recursion through C": "def f(n): list(map(f, [n - 1])) if n else tell()\nf(50)",
    "recursion of many large frames": (
        "exec('def f(n):\\n if n: f(n - 1)\\n else: tell()\\n'"
        " + ''.join(f' v{n} = {n}\\n' for n in range(400)))\nf(100)"
    ),
}
"""Programs that stand still, by what it is that stands still in them."""


def cut(name):
    """A name as it is told: of a long one the beginning, and a mark that it is not whole."""
    return name if len(name) <= 1000 else f"{name[:999]}…"


def told_of(frames):
    return [(cut(file), cut(function), first_line) for file, function, first_line, _, _ in frames]


def seen_in(frames):
    return [(frame.code.file, frame.code.function, frame.code.first_line) for frame in frames]


def expected(line, end_line, column, end_column):
    return line or 0, -1 if column is None else column, end_line or 0, -1 if end_column is None else end_column


def assert_as_told(frames, told):
    """The functions, and where each has come to; the innermost has gone on to where it stands still."""
    assert seen_in(frames) == told_of(told)[: len(frames)]
    for frame, (*_, instruction, place) in list(zip(frames, told, strict=False))[1:]:
        assert frame.instruction == instruction
        assert position(frame.code.table, frame.code.first_line, instruction) == expected(*place)


@pytest.mark.parametrize("name", STANDING)
def test_a_thread_that_stands_still_is_seen_exactly_where_it_is(tellers, look_into, interpreter, name):
    (told,) = tellers(STANDING[name], python=interpreter)
    frames = look_into(told["pid"]).frames_of(told["thread"])
    assert_as_told(frames, told["frames"])
    assert len(frames) == min(len(told["frames"]), MAX_DEPTH)


def test_a_stack_that_is_very_deep_is_cut_at_the_outer_end(tellers, look_into, interpreter):
    (told,) = tellers("def f(n): f(n - 1) if n else tell()\nf(700)", python=interpreter)
    frames = look_into(told["pid"]).frames_of(told["thread"])
    assert_as_told(frames, told["frames"])
    assert len(frames) == MAX_DEPTH


ODD_NAMES = [
    "/tmp/größe.py",
    "/tmp/\U0001f40d.py",
    "a\ud800b",
    "\udcff",
    "",
    "<>",
    "/" + "x" * 5000,
    "tab\tnewline\n\0.py",
]


def test_names_of_files_and_functions_may_be_anything(tellers, look_into, interpreter):
    text = f"""
def f(n): g(n + 1)
def g(n):
    if n == len(names):
        return tell()
    globals()["f"] = type(f)(f.__code__.replace(co_filename=names[n], co_qualname=names[n] + "!"), globals())
    f(n)
names = {ODD_NAMES!r}
g(0)
"""
    (told,) = tellers(text, python=interpreter)
    frames = look_into(told["pid"]).frames_of(told["thread"])
    assert_as_told(frames, told["frames"])
    assert {cut(name) for name in ODD_NAMES} <= {frame.code.file for frame in frames}


THREADS = """
from concurrent.futures import ThreadPoolExecutor
import _thread
class Own(threading.Thread):
    def __init__(self):
        self.before, self.other = 1, "other"
        super().__init__(name="own name")
    def run(self): f()
class Bare(threading.Thread):
    def run(self): f()
def f(): tell()
def renamed():
    threading.current_thread().name = "renamed later"
    tell()
names = ["plain", "größe", "\\U0001f40d" * 5, "x" * 2000, "y" * 1000, "tab\\tline\\nzero\\0escape\\x1b[1m"]
names += ["\\ud800", " "]
for name in names:
    threading.Thread(target=f, name=name, daemon=True).start()
late, plain = (threading.Thread(target=g) for g in (renamed, f))
for thread in (Own(), Bare(), late, threading.Timer(0, f), plain):
    thread.many = thread.attributes = 1
    thread.daemon = True
    thread.start()
pool = ThreadPoolExecutor(2, thread_name_prefix="pool")
pool.submit(f), pool.submit(f)
_thread.start_new_thread(f, ())
tell()
"""
THREAD_COUNT = 8 + 5 + 2 + 1 + 1


def test_every_thread_is_seen_where_it_is_and_has_its_name(tellers, look_into, interpreter):
    told = tellers(THREADS, THREAD_COUNT, python=interpreter)
    looked = look_into(told[0]["pid"])
    for one in told:
        frames = looked.frames_of(one["thread"])
        assert_as_told(frames, one["frames"])
        names = looked.stacks.names_of(frames[-1])
        if one["frames"][-1][1].endswith("_bootstrap"):
            assert cut(one["name"]) in names
            if looked.layout.version < (3, 14):  # then the kernel does not confirm a name: the first is taken
                assert names[0] == cut(one["name"])
        else:
            assert names == []
    assert len({one["thread"] for one in told}) == THREAD_COUNT


COME_AND_GO = """
def f(): tell()
for _ in range(5):
    threads = [threading.Thread(target=lambda: None) for _ in range(100)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
threads = [threading.Thread(target=f, daemon=True) for _ in range(100)]
for thread in threads: thread.start()
tell()
"""


def test_threads_come_and_go_by_the_hundred(tellers, look_into, interpreter):
    told = tellers(COME_AND_GO, 101, python=interpreter)
    looked = look_into(told[0]["pid"])
    for one in told:
        assert_as_told(looked.frames_of(one["thread"]), one["frames"])


LAST_HOLDER_ENDS = """
import time
from contextlib import suppress
from itertools import pairwise
def short(): time.sleep(0.2)
def other(): tell()
threading.Thread(target=other, daemon=True).start()
threading.Thread(target=short).start()
tell()
"""


def test_the_thread_that_had_the_gil_last_may_have_ended(tellers, look_into, interpreter):
    """Its thread state is freed, and nobody has taken the GIL since."""
    told = tellers(LAST_HOLDER_ENDS, 2, python=interpreter)
    looked = look_into(told[0]["pid"])
    time.sleep(0.5)
    looked.stacks.find_threads()
    for one in told:
        assert looked.stacks.knows(one["thread"])
        assert_as_told(looked.frames_of(one["thread"]), one["frames"])


def test_a_thread_that_has_ended_has_no_stack(start, look_into, interpreter):
    text = "import threading, time\nt = threading.Thread(target=time.sleep, args=(0.3,)); t.start()\n"
    text += "print('ready', flush=True); t.join()\nprint(t.native_id, flush=True); time.sleep(60)"
    process = start(text, python=interpreter)
    looked = look_into(process.pid)
    native_id = int(process.stdout.readline())
    time.sleep(0.05)
    looked.stacks.find_threads()
    assert looked.stacks.knows(process.pid)
    for gone in (native_id, 1):
        try:
            assert looked.frames_of(gone) == []  # freed memory may still look like a thread that runs nothing
        except TornStack:
            assert not looked.stacks.knows(gone)


FORK = """
def f(): tell(); os._exit(0)
def wait(): time.sleep(60)
import time
from contextlib import suppress
from itertools import pairwise
threading.Thread(target=wait, daemon=True).start()
if not os.fork():
    if not os.fork(): f()
    f()
tell()
"""


def test_children_of_forks_are_seen_where_they_are(tellers, look_into, interpreter):
    told = tellers(FORK, 3, python=interpreter)
    assert len({one["pid"] for one in told}) == 3
    for one in told:
        assert one["thread"] == one["pid"]
        assert_as_told(look_into(one["pid"]).frames_of(one["thread"]), one["frames"])


INTERPRETERS = """
try: import _interpreters as interpreters
except ImportError: import _xxsubinterpreters as interpreters
def in_another():
    interpreters.run_string(interpreters.create(), "import os; os.write(1, b'{\\"pid\\": %d, \\"thread\\": %d}\\\\n' % "
        "((os.getpid(),) * 2)); os.read(0, 1)")
def own(): tell()
threading.Thread(target=own, daemon=True).start()
in_another()
"""


def test_an_interpreter_in_the_interpreter_does_no_harm(tellers, look_into, interpreter):
    """The thread that runs it is seen in one of the two."""
    told = tellers(INTERPRETERS, 2, python=interpreter)
    looked = look_into(told[0]["pid"])
    for one in told:
        if not looked.stacks.knows(one["thread"]):
            continue
        functions = [frame.code.function for frame in looked.frames_of(one["thread"])]
        if "frames" in one:
            assert_as_told(looked.frames_of(one["thread"]), one["frames"])
        else:
            assert functions in (["in_another", "<module>"], ["<module>"], [])
