"""What is noted of a process by looking at it, in cases that a real program cannot be brought to at will.

The process is the fake that passes the same tests as the real source.
"""

from __future__ import annotations

import pytest

from iobound.model.recording import RUNNING, Gil, Kind
from iobound.verbs.observe.collector import Collector
from iobound.verbs.observe.sources.linux_proc import Birth
from iobound.verbs.observe.sources.syscalls import table
from iobound.verbs.observe.watched import WatchedProcess

MS = 1_000_000
NUMBERS = {name: number for number, name in table().items()}


class Scene:
    """A fake process that is looked at every 10 ms."""

    def __init__(self, process, gil, *, may_have_agent=False):
        self.collector = Collector()
        self.process, self.gil = process, gil
        notes = self.collector.start_process(process.pid, 1, "", 0)
        self.watched = WatchedProcess(
            process, Birth(1, 0, 17), self.collector, notes, is_main=True, may_have_agent=may_have_agent
        )
        self.watched.notes.python = True
        self.watched.memory.gil = gil
        self.watched.list_threads(0)
        self.channels = {}
        self.now = 0

    def look(self):
        self.now += 10 * MS
        return self.watched.look(self.now, search=True)

    def marks(self, native_id=None):
        thread = self.watched.threads[native_id or self.process.pid]
        return thread.notes.marks

    def kinds(self, native_id=None):
        channels = list(self.collector._channels)
        return [channels[channel].kind if channel else RUNNING for channel in self.marks(native_id).channel]


@pytest.fixture
def scene(fake_process, fake_gil):
    return Scene(fake_process, fake_gil)


@pytest.fixture
def scene_with_agents(fake_process, fake_gil):
    """A run in which agents are expected."""
    return Scene(fake_process, fake_gil, may_have_agent=True)


def test_a_computing_thread_gets_a_mark_at_every_look(scene):
    scene.gil.held_by = scene.process.pid
    for _ in range(5):
        scene.process.main.compute(9 * MS)
        scene.look()
    marks = scene.marks()
    assert list(marks.time) == [10 * MS * look for look in range(1, 6)]
    assert list(marks.cpu) == [MS + 9 * MS * look for look in range(1, 6)]
    assert set(marks.gil) == {Gil.MINE}
    assert set(marks.looks) == {1}


def test_a_wait_is_one_mark_however_long_it_is_looked_at(scene):
    scene.process.main.sleep()
    for _ in range(50):
        moved, alive = scene.look()
    assert alive and not moved
    scene.process.main.compute(MS)  # what was skipped is made up for when it moves again
    scene.look()
    marks = scene.marks()
    assert scene.kinds() == [Kind.TIMER, RUNNING]
    assert (marks.time[0], marks.still[0]) == (10 * MS, 500 * MS)
    assert marks.looks[0] >= 2


def test_a_wait_that_lasts_to_the_end_is_whole(scene):
    scene.process.main.sleep()
    for _ in range(50):
        scene.look()
    scene.watched.end(scene.now)
    (thread,) = scene.watched.notes.threads
    assert thread.marks.still[0] == 500 * MS
    assert thread.end_ns == 500 * MS


def test_two_waits_of_one_kind_are_two_marks(scene):
    for _ in range(2):
        scene.process.main.slices += 1
        scene.process.main.cpu_ns += 1000
        scene.process.main.sleep()
        for _ in range(3):
            scene.look()
    assert scene.kinds() == [Kind.TIMER, Kind.TIMER]


@pytest.mark.parametrize(
    ("holder", "flag"), [(0, Gil.FREE), (77, Gil.OTHER), (None, Gil.UNKNOWN)], ids=["free", "other", "unknown"]
)
def test_who_has_the_gil_while_a_thread_runs(scene, holder, flag):
    scene.gil.held_by = holder
    scene.process.main.compute(MS)
    scene.look()
    assert list(scene.marks().gil) == [flag]


def test_a_process_that_is_not_python_has_no_gil(scene):
    scene.watched.memory.gil, scene.watched.notes.python = None, False
    scene.process.main.compute(MS)
    scene.look()
    assert list(scene.marks().gil) == [Gil.NONE]


def test_a_thread_that_was_woken_but_has_no_cpu_yet_counts_as_waiting(scene):
    """The scheduler counts when it puts a thread on a CPU; how long it queued, its counters say afterwards."""
    main = scene.process.main
    main.sleep()
    scene.look()
    main.wake(on_cpu=False)
    scene.look()
    scene.look()
    assert scene.kinds() == [Kind.TIMER]
    main.wake(on_cpu=True)
    main.queued_ns += 15 * MS
    main.compute(MS)
    scene.look()
    assert scene.kinds() == [Kind.TIMER, RUNNING]
    assert scene.marks().queued[1] - scene.marks().queued[0] == 15 * MS


def test_a_thread_that_runs_beside_the_one_with_the_gil_is_noted_as_it_was_found(scene):
    """Whether it computed or was about to ask for the GIL is not for the observer to say."""
    other = scene.process.start_thread(scene.process.pid + 1)
    scene.look()
    scene.look()
    scene.gil.held_by = scene.process.pid
    scene.process.main.compute(MS)
    other.compute(MS)
    scene.look()
    assert (scene.kinds(other.native_id)[-1], scene.marks(other.native_id).gil[-1]) == (RUNNING, Gil.OTHER)
    assert scene.marks().gil[-1] == Gil.MINE


def test_where_agents_are_expected_a_thread_is_noted_from_its_second_look(scene_with_agents):
    scene = scene_with_agents
    scene.process.start_thread(900)
    scene.process.main.compute(MS)
    scene.look()
    assert 900 not in scene.watched.threads  # it may be an agent's
    scene.process.main.compute(MS)
    scene.look()
    assert 900 in scene.watched.threads


def test_a_thread_that_comes_and_goes_between_is_noted_from_its_first_look(scene):
    scene.process.start_thread(900)
    scene.process.main.compute(MS)
    scene.look()
    assert 900 in scene.watched.threads
    scene.process.end_thread(900)
    scene.process.main.compute(MS)
    scene.look()
    gone = next(thread for thread in scene.watched.notes.threads if thread.native_id == 900)
    assert gone.end_ns == scene.now
    assert gone.start_ns <= gone.end_ns
    assert scene.gil.forgotten >= 2  # its thread state may be another thread's soon


def test_a_thread_that_waits_from_its_first_moment_is_noted_although_nothing_moves_any_more(scene):
    """Started and blocked between two listings, while the one that started it blocks, too."""
    scene.process.main.sleep()
    scene.look()
    scene.look()
    scene.process.main.cpu_ns += 1000
    scene.process.start_thread(900).sleep()
    scene.now += 10 * MS
    scene.watched.look(scene.now, search=False)
    for _ in range(4):
        scene.look()
    assert 900 in scene.watched.threads
    assert scene.kinds(900) == [Kind.TIMER]


class Agent:
    """An agent that has not said yet which thread it is."""

    agent_thread = 0
    greeting = None


def test_the_agents_own_thread_is_never_taken_for_one_of_the_program(scene_with_agents):
    """However long it waits for the GIL before it can say which it is."""
    scene = scene_with_agents
    scene.process.start_thread(900)
    scene.watched.agent = agent = Agent()
    for _ in range(10):
        scene.process.main.compute(MS)
        scene.look()
    agent.agent_thread = 900
    scene.process.start_thread(901)
    for _ in range(3):
        scene.process.main.compute(MS)
        scene.look()
    assert set(scene.watched.threads) == {scene.process.pid, 901}
    assert len(scene.watched.notes.threads) == 2


def test_an_agent_that_never_says_which_thread_it_is_does_not_hide_the_others_for_good(scene_with_agents):
    scene = scene_with_agents
    scene.process.start_thread(900).sleep()
    scene.watched.agent = Agent()
    for _ in range(100):
        scene.look()
    assert 900 in scene.watched.threads


def test_a_thread_that_ends_between_listing_and_looking_is_dropped(scene):
    other = scene.process.start_thread(900)
    for _ in range(2):
        scene.process.main.compute(MS)
        scene.look()
    other.gone = True
    scene.process.main.compute(MS)
    scene.now += 10 * MS
    moved, alive = scene.watched.look(scene.now, search=False)
    assert alive
    assert [thread.files.native_id for thread in moved] == [scene.process.pid]
    assert other.closed


def test_a_thread_whose_call_cannot_be_read_is_blocked_in_something_unknown(scene):
    scene.process.main.syscall = lambda: b""
    scene.process.main.compute(MS)
    scene.look()
    assert scene.kinds() == [Kind.UNKNOWN]
    assert scene.watched.unread == 1


def test_the_end_of_a_process_is_seen_once_and_keeps_the_last_counters(scene):
    scene.process.main.compute(30 * MS)
    scene.look()
    scene.process.end()
    assert scene.look() == ([], False)
    scene.watched.end(scene.now)
    assert scene.watched.notes.end_ns == scene.now
    assert scene.watched.notes.threads[0].cpu_ns == 31 * MS


def test_another_image_makes_what_was_known_void(scene):
    assert not scene.watched.has_new_image()
    scene.process.executes = "/usr/bin/other"
    assert scene.watched.has_new_image()
    assert scene.watched.memory.gil is None
    assert not scene.watched.has_new_image()
    scene.process.end()
    assert not scene.watched.has_new_image()  # nothing is no image
