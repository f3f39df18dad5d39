"""Attribution recovers the truth of simulated threads that are looked at as the observer looks."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iobound.model.recording import (
    NO_STACK,
    Channel,
    Effort,
    Gil,
    Interpreter,
    Kind,
    LoopLooks,
    Machine,
    Marks,
    ProcessRecord,
    Recording,
    StackLooks,
    ThreadRecord,
)
from iobound.model.state import State
from iobound.verbs.attribute import breakdown, timeline

MS = 1_000_000
SCHEDULER_TICK = 4 * MS

CHANNELS = (
    Channel("running", Kind.UNKNOWN),
    Channel("recvfrom", Kind.INTERNET, "127.0.0.1:8080"),
    Channel("clock_nanosleep", Kind.TIMER),
    Channel("futex", Kind.GIL),
    Channel("futex", Kind.FUTEX),
    Channel("fsync", Kind.FILE, "/data/file"),
    Channel("wait4", Kind.CHILD),
)
BLOCKED_IN = {
    State.WAIT_NETWORK: 1,
    State.WAIT_SLEEP: 2,
    State.WAIT_GIL: 3,
    State.WAIT_LOCK: 4,
    State.WAIT_DISK: 5,
    State.WAIT_CHILD: 6,
}

Part = tuple[State, int]
"""What a thread did next, and for how many nanoseconds."""


@dataclass
class Life:
    """What a simulated thread really did, from 0 on."""

    parts: list[Part]

    def __post_init__(self) -> None:
        self.ends = list(itertools.accumulate(duration for _, duration in self.parts))

    @property
    def end(self) -> int:
        return self.ends[-1]

    def truth(self) -> dict[State, float]:
        sums: dict[State, float] = {}
        for state, duration in self.parts:
            sums[state] = sums.get(state, 0.0) + duration / self.end
        return sums


class Watch:
    """Looks at one life; remembers what the kernel's counters showed."""

    def __init__(self, life: Life) -> None:
        self.life, self.marks = life, Marks()
        self.part = self.cpu = self.queued = 0
        self.last: tuple[int, int, int] | None = None

    def look(self, now: int) -> None:
        life = self.life
        while self.part < len(life.parts) - 1 and life.ends[self.part] <= now:
            self._count(*life.parts[self.part])
            self.part += 1
        state, duration = life.parts[self.part]
        begun = life.ends[self.part] - duration
        # The scheduler brings the counter of a running thread up to date at its ticks only.
        fresh = max(begun, now // SCHEDULER_TICK * SCHEDULER_TICK)
        running = state in (State.CPU_PYTHON, State.CPU_NATIVE)
        cpu = self.cpu + (fresh - begun if running else 0)
        channel = BLOCKED_IN.get(state, 0)
        gil = self._gil()
        seen = (cpu, self.queued, channel)
        if seen == self.last and channel:
            self.marks.still[-1] = now
            self.marks.looks[-1] += 1
        else:
            self.marks.append(now, cpu, self.queued, channel, gil)
        self.last = seen

    def _gil(self) -> Gil:
        """One that was taken off the CPU still has the GIL if it had it."""
        states = [state for state, _ in self.life.parts[max(0, self.part - 1) : self.part + 1]]
        state = states[0] if states[-1] is State.WAIT_CPU else states[-1]
        return {State.CPU_PYTHON: Gil.MINE, State.CPU_NATIVE: Gil.FREE}.get(state, Gil.UNKNOWN)

    def _count(self, state: State, duration: int) -> None:
        if state in (State.CPU_PYTHON, State.CPU_NATIVE):
            self.cpu += duration
        elif state is State.WAIT_CPU:
            self.queued += duration

    def record(self, number: int) -> ThreadRecord:
        def total(*states: State) -> int:
            return sum(duration for state, duration in self.life.parts if state in states)

        return ThreadRecord(
            native_id=number + 1,
            name=f"thread-{number}",
            start_ns=0,
            end_ns=self.life.end,
            cpu_ns=total(State.CPU_PYTHON, State.CPU_NATIVE),
            queued_ns=total(State.WAIT_CPU),
            marks=self.marks,
            stacks=StackLooks(),
            loops=LoopLooks(),
        )


def ticks(chance: random.Random, end: int) -> Iterator[int]:
    now = chance.randrange(5 * MS)
    while now < end:
        yield now
        now += chance.randrange(5 * MS, 10 * MS)


def recorded(processes: Sequence[Sequence[Life]], seed: int = 1) -> Recording:
    """Look at all threads of all processes together."""
    end = max(life.end for lives in processes for life in lives)
    watches = [[Watch(life) for life in lives] for lives in processes]
    for now in ticks(random.Random(seed), end):
        for watch in itertools.chain.from_iterable(watches):
            if now < watch.life.end:
                watch.look(now)
    records = tuple(
        ProcessRecord(
            pid=100 + number,
            parent=100 if number else 1,
            command="python",
            python=True,
            agent=False,
            start_ns=0,
            end_ns=max(watch.life.end for watch in watched),
            threads=tuple(watch.record(index) for index, watch in enumerate(watched)),
        )
        for number, watched in enumerate(watches)
    )
    return Recording(
        iobound="0",
        created="",
        command=("p.py",),
        cwd="/home/me",
        interpreter=Interpreter("cpython", "3.12.0", gil_enabled=True, free_threaded_build=False),
        machine=Machine("Linux", 2, 2.0, "machine", 1 << 30),
        capabilities=(),
        start_ns=0,
        end_ns=end,
        exit_code=0,
        signal=None,
        processes=records,
        channels=CHANNELS,
        places=(),
        stacks=(),
        host=(),
        effort=Effort(0, 7_500_000, 0, 0, 0, 0),
    )


def off(truth: dict[State, float], seen: dict[State, float]) -> float:
    return max(abs(truth.get(state, 0.0) - seen.get(state, 0.0)) for state in State)


def thread_shares(recording: Recording, number: int = 0) -> dict[State, float]:
    done = breakdown(recording, timeline(recording))
    thread = [thread for process in done.processes for thread in process.threads][number]
    return {state: time / thread.lifetime_ns for state, time in thread.budget.items()}


PY, NATIVE, NET, SLEEP, QUEUED = (
    State.CPU_PYTHON,
    State.CPU_NATIVE,
    State.WAIT_NETWORK,
    State.WAIT_SLEEP,
    State.WAIT_CPU,
)

CYCLES: dict[str, tuple[list[Part], int]] = {
    "all four by turns": ([(PY, 4 * MS), (NATIVE, 3 * MS), (NET, 5 * MS), (SLEEP, 2 * MS)], 400),
    "long waits, short bursts": ([(NET, 40 * MS), (PY, 2 * MS)], 120),
    "one long wait": ([(PY, 300 * MS), (NET, 3000 * MS), (PY, 700 * MS)], 1),
    "only computing": ([(PY, 3000 * MS)], 1),
    "tiny waits": ([(PY, 300_000), (State.WAIT_DISK, 700_000)], 4000),
    "preempted": ([(PY, 3 * MS), (QUEUED, 6 * MS), (NATIVE, 2 * MS), (QUEUED, 4 * MS), (NET, 1 * MS)], 300),
}


@pytest.mark.parametrize("name", CYCLES)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_shares_of_a_cycle_are_recovered(name: str, seed: int) -> None:
    """Whatever the length of its waits, a thread's shares come out within a few percent, and the CPU time exactly."""
    cycle, times = CYCLES[name]
    chance = random.Random(seed)
    life = Life([(state, int(time * chance.uniform(0.9, 1.1))) for _ in range(times) for state, time in cycle])
    recording = recorded([[life]], seed)
    seen = thread_shares(recording)
    assert off(life.truth(), seen) < 0.04
    on_cpu = sum(seen.get(state, 0.0) for state in (PY, NATIVE))
    assert on_cpu == pytest.approx(recording.processes[0].threads[0].cpu_ns / life.end, abs=1e-9)
    whole = breakdown(recording, timeline(recording)).shares
    assert off(seen, dict(whole)) < 0.002


def test_errors_have_no_direction() -> None:
    """Over many runs the errors of a share cancel out: the division is unbiased."""
    cycle = [(PY, 4 * MS), (NATIVE, 3 * MS), (NET, 5 * MS), (SLEEP, 2 * MS)]
    errors: dict[State, list[float]] = {state: [] for state, _ in cycle}
    for seed in range(30):
        chance = random.Random(seed)
        life = Life([(state, int(time * chance.expovariate(1))) for _ in range(60) for state, time in cycle])
        seen = thread_shares(recorded([[life]], seed))
        for state, share in life.truth().items():
            errors[state].append(seen.get(state, 0.0) - share)
    for found in errors.values():
        assert abs(sum(found) / len(found)) < 0.012


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(st.sampled_from([PY, NATIVE, NET, SLEEP, QUEUED]), st.integers(1 * MS, 60 * MS)),
        min_size=40,
        max_size=300,
    )
)
def test_the_run_of_one_thread_is_that_thread_place_by_place(parts: list[Part]) -> None:
    """Whatever is told of the run is told of its only thread, too: the same time in each state and at each place."""
    recording = recorded([[Life(parts)]])
    line = timeline(recording)
    run: dict[tuple[State, int], int] = {}
    thread: dict[tuple[State, int], int] = {}
    for instant in line.whole:
        run[instant.state, instant.channel] = run.get((instant.state, instant.channel), 0) + instant.duration_ns
    for episode in line.threads[0].episodes:
        thread[episode.state, episode.channel] = thread.get((episode.state, episode.channel), 0) + episode.duration_ns
    for what in {*run, *thread}:
        assert run.get(what, 0) == pytest.approx(thread.get(what, 0), abs=0.005 * recording.wall_ns)


def test_computing_of_threads_that_take_turns_is_the_runs_as_counted() -> None:
    """One at a time has the GIL: the run computes as long as all of them together, whatever they queue for."""
    lives = gil_lives(600, random.Random(5))
    held_up = [
        Life(
            [
                part
                for state, time in life.parts
                for part in ([(state, time * 3 // 4), (QUEUED, time // 4)] if state is PY else [(state, time)])
            ]
        )
        for life in lives
    ]
    recording = recorded([held_up])
    done = breakdown(recording, timeline(recording))
    computed = sum(thread.cpu_ns for thread in recording.processes[0].threads)
    assert done.shares[PY] == pytest.approx(computed / recording.wall_ns, abs=0.01)


def gil_lives(turns: int, chance: random.Random) -> list[Life]:
    """Three threads that hand the GIL on every 5 ms."""
    parts: list[list[Part]] = [[], [], []]
    for turn in range(turns):
        time = int(5 * MS * chance.uniform(1.0, 1.05))
        for number, mine in enumerate(parts):
            mine.append((PY if turn % 3 == number else State.WAIT_GIL, time))
    return [Life(mine) for mine in parts]


def test_threads_that_hand_on_the_gil() -> None:
    """Each computes a third of the time; the program computes all the time."""
    lives = gil_lives(600, random.Random(7))
    recording = recorded([lives])
    for number in range(3):
        assert off({PY: 1 / 3, State.WAIT_GIL: 2 / 3}, thread_shares(recording, number)) < 0.04
    done = breakdown(recording, timeline(recording))
    assert done.shares[PY] > 0.97
    assert done.gil_wait_share == pytest.approx(2 / 3, abs=0.04)


def crowd(turns: int, chance: random.Random) -> list[Life]:
    """Four processes that share one CPU."""
    parts: list[list[Part]] = [[], [], [], []]
    for turn in range(turns):
        time = int(3 * MS * chance.uniform(0.8, 1.2))
        for number, mine in enumerate(parts):
            mine.append((PY if turn % 4 == number else QUEUED, time))
    return [Life(mine) for mine in parts]


def test_processes_that_share_one_cpu() -> None:
    """The run is the main process's: a quarter on the CPU, the rest ready to run without one."""
    recording = recorded([[life] for life in crowd(1000, random.Random(3))])
    done = breakdown(recording, timeline(recording))
    assert off({PY: 1 / 4, QUEUED: 3 / 4}, dict(done.shares)) < 0.02
    assert all(off({PY: 1 / 4, QUEUED: 3 / 4}, thread_shares(recording, number)) < 0.02 for number in range(4))


def test_threads_that_share_one_cpu_are_on_it_by_turns() -> None:
    """Threads of one process that take turns on one CPU keep the program computing."""
    lives = [Life([(NATIVE if s is PY else s, t) for s, t in life.parts]) for life in crowd(1000, random.Random(3))]
    done = breakdown(recording := recorded([lives]), timeline(recording))
    assert done.shares[NATIVE] > 0.95


def test_a_program_is_what_its_pool_is() -> None:
    """While the main process waits for its children the run belongs to them; while it sleeps, only if they compute."""
    main = Life([(State.WAIT_LOCK, 1000 * MS), (SLEEP, 500 * MS), (SLEEP, 500 * MS)])
    child = Life([(NET, 1000 * MS), (NET, 500 * MS), (PY, 500 * MS)])
    done = breakdown(recording := recorded([[main], [child]]), timeline(recording))
    assert off({NET: 0.5, SLEEP: 0.25, PY: 0.25}, dict(done.shares)) < 0.02


def test_joint_state_does_not_depend_on_where_time_was_laid() -> None:
    """Two threads that compute by turns of 3 ms, each sleeping meanwhile, compute all the time together."""
    a = Life([(PY, 3 * MS), (SLEEP, 3 * MS)] * 400)
    b = Life([(SLEEP, 3 * MS), (PY, 3 * MS)] * 400)
    done = breakdown(recording := recorded([[a, b]]), timeline(recording))
    assert done.shares[PY] > 0.97


def with_only_thread(recording: Recording, thread: ThreadRecord) -> Recording:
    """The recording with another thread in place of its only one."""
    return recording._replace(processes=(recording.processes[0]._replace(threads=(thread,)),))


def test_stolen_time_is_a_lack_of_cpu() -> None:
    """Time off the CPU that no look finds blocked was taken by the machine."""
    life = Life([(PY, 4 * MS), (NET, 4 * MS)] * 300)
    recording = recorded([[Life([(PY, 2400 * MS)])]])
    record = recording.processes[0].threads[0]
    for row in range(len(record.marks)):
        record.marks.cpu[row] //= 2
    recording = with_only_thread(recording, record._replace(cpu_ns=record.cpu_ns // 2))
    assert off({PY: 0.5, QUEUED: 0.5}, thread_shares(recording)) < 0.02
    assert thread_shares(recorded([[life]])).get(QUEUED, 0.0) == 0.0


parts = st.lists(
    st.tuples(
        st.sampled_from([PY, NATIVE, NET, SLEEP, QUEUED, State.WAIT_GIL, State.WAIT_LOCK, State.WAIT_CHILD]),
        st.integers(1_000, 60 * MS),
    ),
    min_size=1,
    max_size=40,
)
programs = st.lists(st.lists(parts.map(Life), min_size=1, max_size=3), min_size=1, max_size=3)


@settings(max_examples=60)
@given(programs, st.integers(0, 1000))
def test_time_is_conserved(processes: list[list[Life]], seed: int) -> None:
    """Episodes tile each life, CPU and run-queue time are the counters', instants tile the run, shares add up."""
    recording = recorded(processes, seed)
    line = timeline(recording)
    for thread in line.threads:
        record = recording.processes[thread.process].threads[thread.thread]
        assert thread.duration_ns == record.end_ns - record.start_ns
        assert not thread.episodes or thread.episodes[0].start_ns == record.start_ns
        spent = dict.fromkeys(State, 0)
        for episode in thread.episodes:
            spent[episode.state] += episode.duration_ns
        assert spent[PY] + spent[NATIVE] == record.cpu_ns
        if spent[QUEUED] != record.queued_ns:
            assert spent[QUEUED] > record.queued_ns
    assert sum(instant.duration_ns for instant in line.whole) == recording.wall_ns
    assert line.whole[0].start_ns == recording.start_ns
    for before, after in itertools.pairwise(line.whole):
        assert before.end_ns == after.start_ns
    done = breakdown(recording, line)
    assert sum(done.shares.values()) == pytest.approx(1.0)
    for state, share in done.shares.items():
        assert done.intervals[state].low <= share + 1e-9
        assert share <= done.intervals[state].high + 1e-9
    for process in done.processes:
        assert sum(process.budget.values()) == process.lifetime_ns


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 20 * MS), st.integers(0, 20 * MS), st.integers(0, 30 * MS), st.integers(0, 9 * MS),
            st.integers(0, 6), st.integers(0, 4),
        ),
        max_size=30,
    ),
    st.integers(0, 900 * MS),
    st.integers(0, 900 * MS),
)  # fmt: skip
def test_counters_that_contradict_the_clock_break_nothing(
    rows: list[tuple[int, int, int, int, int, int]], life: int, cpu: int
) -> None:
    """Whatever a recording holds, episodes tile the life and instants the run."""
    marks = Marks()
    time = on_cpu = queued = 0
    for step, hold, more_cpu, more_queued, channel, gil in rows:
        time, on_cpu, queued = time + step, on_cpu + more_cpu, queued + more_queued
        marks.append(time, on_cpu, queued, channel, gil, still=time + hold, looks=1 + hold // MS)
        time += hold
    recording = recorded([[Life([(PY, max(1, life))])]])
    record = recording.processes[0].threads[0]
    recording = with_only_thread(recording, record._replace(marks=marks, cpu_ns=cpu))
    line = timeline(recording)
    assert line.threads[0].duration_ns == record.end_ns
    assert sum(instant.duration_ns for instant in line.whole) == recording.wall_ns
    assert breakdown(recording, line).totals.cpu_ns == cpu
    assert all(episode.stack == NO_STACK for episode in line.threads[0].episodes)
