"""A block, its exceptions and its report; one at a time in a process."""

from __future__ import annotations

import pytest

MIXED = """
with iobound.observe() as observation:
    time.sleep(0.4)
    spin(0.4)
say(**found(observation.report), **others())
"""


@pytest.mark.parametrize("portable", ["", "portable=True"])
def test_a_block_is_seen_and_nothing_of_ours_is_left(programs, portable):
    program = programs.run(
        f"before = others()\n{MIXED.replace('observe()', f'observe({portable})')}\nsay(before=before)"
    )
    seen = program.facts[0]
    assert seen["shares"]["wait_sleep"] > 0.1
    assert seen["shares"]["cpu_python"] > 0.1
    assert {name: seen[name] for name in program.last["before"]} == program.last["before"]
    assert "early" not in str(seen["notes"])
    assert seen["source"] == ("portable" if portable else "linux")
    assert (program.exit_code, program.errors) == (0, "")


@pytest.mark.parametrize("portable", ["False", "True"])
def test_nothing_is_warned_of(programs, portable):
    text = f"""
import subprocess
for _ in range(2):
    with iobound.observe(portable={portable}) as observation:
        subprocess.run(["true"], check=True)
        child = os.fork()
        if not child:
            os._exit(0)
        os.waitpid(child, 0)
        time.sleep(0.05)
    observation.report.bound
say(done=True)
"""
    program = programs.run(text, "-X", "dev", "-W", "error", "-X", "tracemalloc=3")
    assert (program.exit_code, program.errors, program.last) == (0, "", {"done": True})


def test_blocks_are_not_nested(programs):
    text = """
def refused(begin):
    try:
        begin()
    except iobound.errors.UsageError as error:
        return error.message, error.hint
    return None

import iobound.errors
said = {}
with iobound.observe() as outer:
    said["here"] = refused(iobound.observe().begin)
    said["run"] = refused(lambda: iobound.run(print))
    said["same"] = refused(outer.begin)
    def elsewhere():
        said["thread"] = refused(iobound.observe().begin)
    thread = threading.Thread(target=elsewhere)
    thread.start(); thread.join()
    child = os.fork()
    if not child:
        with iobound.observe() as inner:
            spin(0.2)
        say(child=busy(inner.report))
        os._exit(0)
    os.waitpid(child, 0)
said["again"] = refused(outer.begin)
try:
    with iobound.observe():
        raise KeyError
except KeyError:
    pass
with iobound.observe() as after:
    spin(0.2)
say(**said, after=busy(after.report))
"""
    program = programs.run(text)
    assert program.facts[0] == {"child": True}
    last = program.last
    assert "nested" in last["here"][0] and last["here"] == last["run"] == last["thread"]
    assert "over or under way" in last["same"][0] and last["same"] == last["again"]
    assert last["after"]


def test_two_threads_that_begin_at_once_are_not_both_let_in(programs):
    text = """
import iobound.errors
import iobound.pipeline.observing
let_in, refused = [], []
start, stop = threading.Barrier(8), threading.Barrier(8)
def work():
    start.wait()
    observation = iobound.observe()
    try:
        observation.begin()
        let_in.append(observation)
    except iobound.errors.UsageError:
        refused.append(1)
    stop.wait()
    observation.end()
threads = [threading.Thread(target=work) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
say(let_in=len(let_in), refused=len(refused), **others())
"""
    last = programs.run(text).last
    assert (last["let_in"], last["refused"]) == (1, 7)
    assert (last["threads"], last["children"]) == (1, 0)


EXCEPTIONS = """
class Bare(Exception):
    __slots__ = ()
    def __setattr__(self, name, value):
        raise AttributeError(name)
kinds = [ValueError("x"), SystemExit(3), KeyboardInterrupt(), GeneratorExit(), Bare(), ExceptionGroup("g", [OSError()])]
said = []
for kind in kinds:
    try:
        with iobound.observe() as observation:
            spin(0.1)
            raise kind
    except BaseException as error:
        assert error is kind
        report = getattr(error, "iobound_report", None)
        said.append((type(error).__name__, busy(report) if report else None, busy(observation.report)))
def fails():
    spin(0.1)
    raise LookupError
try:
    iobound.run(fails)
except LookupError as error:
    say(said=said, run=busy(error.iobound_report))
raise SystemExit(7)
"""


def test_exceptions_go_through_and_have_the_report(programs):
    program = programs.run(EXCEPTIONS)
    assert program.exit_code == 7
    for name, attached, asked in program.last["said"]:
        assert asked
        assert attached is (None if name == "Bare" else True), name
    assert program.last["run"]


def test_a_report_can_be_asked_for_twice_and_while_the_block_is_under_way(programs):
    text = """
with iobound.observe() as observation:
    time.sleep(0.4)
    first = observation.report.bound
    os.chdir("/")
    second = found(observation.report)
    spin(0.3)
third, fourth = found(observation.report), found(observation.report)
say(first=first, second=second, third=third, same=third == fourth)
"""
    last = programs.run(text).last
    assert last["first"] == "sleep"
    assert last["second"]["wall_s"] < last["third"]["wall_s"]
    assert last["same"] and not [note for note in last["third"]["notes"] if "early" in note]


def test_one_block_in_a_block_of_many_threads_can_be_asked_by_all(programs):
    text = """
with iobound.observe() as observation:
    spin(0.2)
    bounds = []
    threads = [threading.Thread(target=lambda: bounds.append(observation.report.bound)) for _ in range(4)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
say(bounds=bounds, lost=observation.report.diagnosis.recording.notes)
"""
    last = programs.run(text).last
    assert len(last["bounds"]) == 4 and not [note for note in last["lost"] if "early" in note]


def test_a_block_that_is_begun_and_dropped_is_over_when_the_program_ends(programs):
    program = programs.run("iobound.observe().begin()\nsay(done=True)")
    assert (program.exit_code, program.errors) == (0, "")


@pytest.mark.parametrize("way", ["atexit.register(more)", "threading.Thread(target=more).start()"])
def test_the_interpreter_may_end_inside_a_block(programs, way):
    text = f"""
import atexit
def more():
    time.sleep(0.2)
    observation.end()
    say(busy=busy(observation.report), waits=observation.report.bound in ("io", "lock"))
observation = iobound.observe()
observation.begin()
spin(0.3)
{way}
"""
    program = programs.run(text)
    assert (program.exit_code, program.errors) == (0, "")
    assert program.last == {"busy": True, "waits": False}


def test_a_daemon_thread_in_a_block_is_no_harm_at_the_end(programs):
    text = """
def work():
    with iobound.observe():
        time.sleep(60)
threading.Thread(target=work, daemon=True).start()
time.sleep(0.4)
say(done=True)
"""
    program = programs.run(text)
    assert (program.exit_code, program.errors) == (0, "")


def test_a_deep_stack_is_no_harm(programs):
    text = """
sys.setrecursionlimit(120)
def deeper(n):
    if n:
        return deeper(n - 1)
    with iobound.observe() as observation:
        spin(0.2)
    return observation
observation = deeper(60)
sys.setrecursionlimit(1000)
say(busy=busy(observation.report))
"""
    assert programs.run(text).last == {"busy": True}


def test_a_wrong_rate_is_refused(programs):
    text = """
import iobound.errors
for wrong in ({"rate": 0}, {"max_overhead": -1}):
    try:
        iobound.observe(**wrong)
    except iobound.errors.UsageError as error:
        say(message=error.message)
"""
    assert len(programs.run(text).facts) == 2
