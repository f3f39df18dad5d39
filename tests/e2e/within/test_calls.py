"""`iobound.run` on whatever can be called, and blocks in event loops."""

from __future__ import annotations

import signal
import sys

import pytest

from .conftest import interrupt

CALLABLES = """
import functools, time

def plain(a, *, b): return a, b
class Thing:
    def method(self, a): return a, 1
    @classmethod
    def of_class(cls, a): return a, 2
    @staticmethod
    def static(a): return a, 3
    def __call__(self, a): return a, 4
thing = Thing()
async def coroutine(a):
    import asyncio
    await asyncio.sleep(0)
    return a, 5
def generator(a):
    yield a
async def async_generator(a):
    yield a
cases = {
    "plain": (plain, (1,), {"b": 0}), "method": (thing.method, (1,), {}), "class": (Thing.of_class, (1,), {}),
    "static": (Thing.static, (1,), {}), "callable": (thing, (1,), {}),
    "partial": (functools.partial(plain, b=6), (1,), {}),
    "builtin": (max, (1, 2), {}), "type": (int, ("7",), {}), "lambda": (lambda a: (a, 8), (1,), {}),
    "coroutine": (coroutine, (1,), {}), "partial coroutine": (functools.partial(coroutine, 1), (), {}),
    "bound builtin": ([3, 4].pop, (), {}),
}
for name, (func, args, kwargs) in cases.items():
    result, report = iobound.run(func, *args, **kwargs)
    say(case=name, result=result, shown=report.as_dict()["command"])
for name, func in (("generator", generator), ("async generator", async_generator)):
    result, report = iobound.run(func, 1)
    say(case=name, result=type(result).__name__, notes=report.as_dict() and report.diagnosis.recording.notes)
for wrong in (3, None):
    try:
        iobound.run(wrong)
    except Exception as error:
        say(case=str(wrong), result=type(error).__name__)
"""


def test_whatever_can_be_called_can_be_run(programs):
    program = programs.run(CALLABLES, "-W", "error")
    assert program.errors == ""
    said = {each["case"]: each for each in program.facts}
    results = {case: each["result"] for case, each in said.items()}
    assert results == {
        "plain": [1, 0],
        "method": [1, 1],
        "class": [1, 2],
        "static": [1, 3],
        "callable": [1, 4],
        "partial": [1, 6],
        "builtin": 2,
        "type": 7,
        "lambda": [1, 8],
        "coroutine": [1, 5],
        "partial coroutine": [1, 5],
        "bound builtin": 4,
        "generator": "generator",
        "async generator": "async_generator",
        "3": "UsageError",
        "None": "UsageError",
    }
    assert said["method"]["shown"] == ["__main__:Thing.method"]
    assert said["partial"]["shown"] == ["__main__:plain"]
    assert said["callable"]["shown"] == ["__main__:Thing"]
    assert said["builtin"]["shown"] == ["builtins:max"]
    assert "was not observed" in said["generator"]["notes"][-1]


def test_coroutines_run_with_and_without_a_loop_around_them(programs):
    text = """
import asyncio, contextvars
variable = contextvars.ContextVar("variable", default="unset")
async def inner(seconds):
    await asyncio.sleep(seconds)
    return variable.get()
variable.set("seen")
result, report = iobound.run(inner, 0.4)
say(where="outside", result=result, bound=report.bound)
async def main():
    variable.set("seen inside")
    ticks = 0
    result, report = iobound.run(inner, 0.4)
    say(where="inside", result=result, bound=report.bound)
    async def tick():
        nonlocal ticks
        while True:
            await asyncio.sleep(0.005)
            ticks += 1
    ticking = asyncio.create_task(tick())
    async with iobound.observe() as observation:
        before = ticks
        await asyncio.sleep(0.4)
    say(where="block", result=ticks > 2 and before > 0, bound=observation.report.bound,
        threads=sorted(one.name for one in observation.report.diagnosis.recording.processes[0].threads))
    ticking.cancel()
asyncio.run(main())
"""
    program = programs.run(text, "-W", "error")
    assert program.errors == ""
    outside, inside, block = program.facts
    assert (outside["result"], inside["result"]) == ("seen", "seen inside")
    assert outside["bound"] in ("sleep", "inconclusive")
    assert block["result"] and block["threads"] == ["MainThread"]


def test_blocks_in_event_loops_are_cancelled_as_any_other_code(programs):
    text = """
import asyncio
async def observed(seconds):
    async with iobound.observe() as observation:
        await asyncio.sleep(seconds)
async def main():
    for delay in (0.0, 0.01, 0.03, 0.06, 0.1, 0.2, 0.4):
        task = asyncio.create_task(observed(5))
        await asyncio.sleep(delay)
        task.cancel()
        try:
            await task
        except asyncio.CancelledError as error:
            say(delay=delay, report=hasattr(error, "iobound_report"))
        for _ in range(400):
            if others()["threads"] == 1:
                break
            await asyncio.sleep(0.01)
    try:
        async with asyncio.timeout(0.5):
            await observed(5)
    except TimeoutError:
        say(timeout=True)
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(observed(5))
            await asyncio.sleep(0.4)
            raise LookupError
    except* LookupError:
        say(group=True)
    async with iobound.observe() as observation:
        spin(0.3)
    say(**found(observation.report))
asyncio.run(main())
say(**others())
"""
    program = programs.run(text, "-W", "error")
    assert (program.exit_code, program.errors) == (0, "")
    assert sum(said.get("report", False) for said in program.facts) >= 1
    assert {"timeout": True} in program.facts and {"group": True} in program.facts
    assert program.facts[-2]["busy"]
    assert (program.last["threads"], program.last["children"]) == (1, 0)


@pytest.mark.parametrize("around", ["asyncio.run(main())", "iobound.run(waits)"])
def test_ctrl_c_while_a_coroutine_runs(programs, around):
    text = f"""
import asyncio
async def waits():
    say(ready=True)
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        say(cancelled=True)
        raise
async def main():
    iobound.run(waits)
try:
    {around}
except KeyboardInterrupt as error:
    say(interrupted=True, report=hasattr(error, "iobound_report") or hasattr(error.__context__, "iobound_report"))
say(**others())
"""
    process = programs.start(text)
    process.stdout.peek(1)
    interrupt(process)
    program = programs.ended(process)
    assert (program.exit_code, program.errors) == (0, "")
    assert {"cancelled": True} in program.facts
    assert any("interrupted" in said for said in program.facts)
    assert program.last["threads"] == 1


def test_what_a_coroutine_raises_comes_out(programs):
    text = """
import asyncio
async def fails(kind):
    await asyncio.sleep(0.01)
    raise kind
kinds = [ValueError("x"), SystemExit(2), ExceptionGroup("many", [KeyError(1), KeyError(2)])]
def caught(kind):
    try:
        iobound.run(fails, kind)
    except BaseException as error:
        return error is kind and hasattr(error, "iobound_report")
async def main():
    return [caught(kind) for kind in kinds]
say(outside=[caught(kind) for kind in kinds], inside=asyncio.run(main()))
"""
    program = programs.run(text)
    assert program.errors == ""
    assert program.last == {"outside": [True] * 3, "inside": [True] * 3}


def test_a_call_in_a_thread_is_observed_with_all_others(programs):
    text = """
results = []
def work():
    results.append(iobound.run(spin, 0.3))
thread = threading.Thread(target=work, name="worker")
thread.start()
thread.join()
say(**found(results[0][1]))
"""
    last = programs.run(text).last
    assert last["busy"]
    assert sorted(last["processes"][0][1]) == ["MainThread", "worker"]


def test_what_is_ours_is_never_shown_as_the_programs_own(programs):
    """Not even where iobound is run from its source: lines, functions, paths to waits, sites."""
    text = """
import asyncio
def work(n):
    for _ in range(n):
        time.sleep(0.02)
    spin(0.2)
async def coroutine(n):
    work(n)
    await asyncio.sleep(0.2)
_, plain = iobound.run(work, 20)
_, awaited = iobound.run(coroutine, 10)
with iobound.observe() as observation:
    work(10)
for report in (plain, awaited, observation.report):
    whole = report.as_dict()
    files = {each["file"] for kind in ("hotspots", "waits", "sites", "findings") for each in whole[kind]}
    say(files=sorted(filter(None, files)), text=str(report))
"""
    program = programs.run(text)
    for said in program.facts:
        assert all(file.endswith("program0.py") for file in said["files"]), said["files"]
        for name in ("observing.py", "coroutines.py", "attached.py", "beside.py"):
            assert name not in said["text"]


@pytest.mark.skipif(sys.platform != "linux", reason="signals to one thread")
def test_signals_go_to_the_program_while_a_block_begins(programs):
    text = """
import signal
seen = []
signal.signal(signal.SIGUSR1, lambda *_: seen.append(1))
signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)
ticks = []
signal.signal(signal.SIGALRM, lambda *_: ticks.append(1))
for _ in range(10):
    os.kill(os.getpid(), signal.SIGUSR1)
    with iobound.observe():
        os.kill(os.getpid(), signal.SIGUSR1)
signal.setitimer(signal.ITIMER_REAL, 0)
say(seen=len(seen), ticks=len(ticks) > 10, mask=len(signal.pthread_sigmask(signal.SIG_BLOCK, ())))
"""
    assert programs.run(text).last == {"seen": 20, "ticks": True, "mask": 0}
    assert signal.SIGUSR1
