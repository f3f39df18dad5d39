"""When looks are taken, in simulated time."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from itertools import pairwise

import pytest

from iobound.verbs.observe.timetable import Timetable

MS = 1_000_000
SECOND = 1_000_000_000


@dataclass
class Simulation:
    """A loop that sleeps until a look is due and takes it, as the real one does, without any time passing.

    Attributes:
        cost_ns: CPU time of a look.
        delay_ns: How much later than due a look begins.
    """

    table: Timetable
    cost_ns: int
    delay_ns: int = 0
    now: int = 0
    spent_ns: int = 0
    looks: list[int] = field(default_factory=list)

    def run(self, duration_ns: int) -> Simulation:
        end = self.now + duration_ns
        while True:
            due = self.now + max(0, round(self.table.seconds_left(self.now) * 1e9)) + self.delay_ns
            if due > end:
                self.now = end
                return self
            self.looks.append(due)
            self.now = due + self.cost_ns
            self.spent_ns += self.cost_ns
            self.table.took_look(self.now, self.cost_ns)


def simulate(
    seconds: float, cost_us: float, *, period_ms: int = 5, limit: float = 0.01, delay_ms: int = 0
) -> Simulation:
    table = Timetable(period_ms * MS, limit, 0)
    return Simulation(table, round(cost_us * 1000), delay_ms * MS).run(round(seconds * SECOND))


def test_the_mean_period_is_the_one_asked_for():
    looks = simulate(20, cost_us=10).looks
    assert len(looks) == pytest.approx(4000, rel=0.01)


def test_steps_lie_between_half_and_one_and_a_half_periods_and_fill_the_range_evenly():
    looks = simulate(20, cost_us=10).looks
    steps = [(later - earlier) / (5 * MS) for earlier, later in pairwise(looks)]
    assert min(steps) >= 0.499
    assert max(steps) <= 1.501
    tenths = [sum(0.5 + part / 10 <= step < 0.6 + part / 10 for step in steps) / len(steps) for part in range(10)]
    assert all(0.09 < tenth < 0.11 for tenth in tenths)


@pytest.mark.parametrize("period_of_target_ms", [5, 10, 2.5, 7.5, 25])
def test_a_looping_target_is_met_everywhere_in_its_loop(period_of_target_ms):
    loop = round(period_of_target_ms * MS)
    phases = [look % loop / loop for look in simulate(20, cost_us=10).looks]
    quarters = [sum(part / 4 <= phase < (part + 1) / 4 for phase in phases) / len(phases) for part in range(4)]
    assert all(0.23 < quarter < 0.27 for quarter in quarters)


@pytest.mark.parametrize("cost_us", [20, 90, 400, 2000, 8000])
@pytest.mark.parametrize("limit", [0.01, 0.05])
def test_dear_looks_become_rarer_until_they_stay_under_the_limit(cost_us, limit):
    simulation = simulate(60, cost_us=cost_us, limit=limit)
    assert simulation.spent_ns / simulation.now <= limit * 1.1
    assert simulation.table.slowed == (cost_us * 1000 > 2 * limit * 5 * MS)


def test_it_speeds_up_again_when_looks_are_cheap_again():
    simulation = simulate(10, cost_us=2000)
    assert simulation.table.period_ns > 100 * MS
    simulation.cost_ns = 10_000
    simulation.run(20 * SECOND)
    assert simulation.table.period_ns == 5 * MS
    assert simulation.table.slowed  # and still says that it once was


def test_it_never_stops_looking_altogether():
    assert simulate(60, cost_us=50_000, limit=0.0001).table.period_ns == 2 * SECOND


def test_work_that_is_done_once_is_saved_again_and_forgotten():
    table = Timetable(5 * MS, 0.01, 0)
    simulation = Simulation(table, 30 * MS)
    simulation.run(MS)
    simulation.cost_ns = 30_000
    simulation.run(30 * SECOND)
    assert simulation.spent_ns / simulation.now <= 0.011
    assert table.period_ns < 7 * MS


def test_what_was_loaded_in_a_look_is_not_counted():
    tables = [Timetable(5 * MS, 0.01, 0) for _ in range(2)]
    for number in range(100):
        tables[0].took_look(number * 5 * MS, 30_000)
        tables[1].excuse(30 * MS)
        tables[1].took_look(number * 5 * MS, 30_000 + 30 * MS)
    assert tables[0].period_ns == tables[1].period_ns


@pytest.mark.parametrize(("usual_us", "dear_us"), [(200, 900), (60, 2000), (30, 5000), (300, 300)])
def test_now_and_then_a_dear_look_is_paid_for_too(usual_us, dear_us):
    """The dearest tenth of the looks was never saved again: 3.8 % of a CPU where 1 % was the limit."""
    simulation = Simulation(Timetable(6 * MS, 0.01, 0), 0)
    number = 0
    while simulation.now < 100 * SECOND:
        number += 1
        simulation.cost_ns = (dear_us if number % 10 == 0 else usual_us) * 1000
        before = simulation.table.taken
        while simulation.table.taken == before:
            simulation.run(max(MS, round(simulation.table.seconds_left(simulation.now) * 1e9) + 1))
    assert simulation.spent_ns / simulation.now <= 0.0107


def test_the_first_looks_may_cost_more_without_making_all_others_rare():
    """They find the GIL and open files; a short run would be over before the next review."""
    simulation = Simulation(Timetable(5 * MS, 0.01, 0), 10 * MS)
    while simulation.table.taken < 3:
        simulation.run(5 * MS)
    simulation.cost_ns = 30_000
    simulation.run(SECOND)
    assert simulation.table.taken > 150


def test_a_crowd_of_threads_is_noticed_before_the_first_quarter_of_a_second_is_spent_on_it():
    simulation = simulate(0.25, cost_us=6000)
    assert simulation.table.taken < 10
    assert simulation.table.slowed


def test_looks_that_could_not_be_taken_are_missed_and_not_made_up_for():
    table = Timetable(5 * MS, 0.01, 0)
    simulation = Simulation(table, 10_000).run(SECOND)
    taken = table.taken
    simulation.now += SECOND  # the machine slept
    simulation.run(SECOND)
    assert table.taken - taken == pytest.approx(200, rel=0.05)
    assert table.wanted - table.taken == pytest.approx(200, rel=0.05)
    assert table.late >= 1


def test_looks_are_counted_as_late_only_when_they_are():
    assert simulate(5, cost_us=10).table.late == 0
    late = simulate(5, cost_us=10, delay_ms=12).table
    assert late.late > 0.5 * late.taken
    assert late.wanted > late.taken


def test_counts_agree_whatever_happens():
    chance = random.Random(4)
    table = Timetable(5 * MS, 0.01, 0)
    now = 0
    for _ in range(2000):
        now += chance.choice((1, 2, 5, 5, 5, 40)) * MS
        table.took_look(now, chance.randrange(100_000))
        assert table.seconds_left(now) <= 1.5 * table.period_ns / 1e9 + 1.5
    assert table.taken == 2000
    assert table.wanted >= 2000
    assert table.late <= table.taken
