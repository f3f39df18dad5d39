"""A recording that has to stay in memory."""

from __future__ import annotations

from iobound.model.increment import assemble
from iobound.verbs.store.journal import looks_of
from iobound.verbs.store.laws import require_lawful
from iobound.verbs.store.pile import Pile


def test_nothing_is_lost_while_there_is_room(make_run):
    run = make_run(seconds=30)
    pile = Pile(most_parts=7)
    for increment in run.increments():
        pile.add(increment)
        assert len(pile.increments()) <= 7
    assert pile.thinned == 0
    assert assemble(run.opening(), pile.increments(), run.closing()) == make_run(seconds=30).whole()


def test_a_very_long_run_stays_bounded_and_loses_no_counter(make_run):
    run = make_run(seconds=300, waiting=3)
    pile, most = Pile(most_looks=5_000, most_parts=10), 0
    for increment in run.increments():
        pile.add(increment)
        most = max(most, sum(map(looks_of, pile.increments())))
    assert most < 6_500  # what ten parts bring on top
    assert pile.thinned > 5
    recording = assemble(run.opening(), pile.increments(), run.closing())
    require_lawful(recording)
    complete = make_run(seconds=300, waiting=3).whole()
    for index, thread in enumerate(recording.processes[0].threads):
        assert sum(thread.marks.looks) == run.looks[index]
        assert thread.cpu_ns == run.cpu_ns[index] == thread.marks.cpu[-1]
        last, other = thread.marks, complete.processes[0].threads[index].marks
        assert (last.time[-1], last.still[-1]) == (other.time[-1], other.still[-1])


def test_more_threads_than_looks_do_not_stop_it(make_run):
    run = make_run(seconds=20, waiting=10)
    pile = Pile(most_looks=5, most_parts=3)
    for increment in run.increments():
        pile.add(increment)
    require_lawful(assemble(run.opening(), pile.increments(), run.closing()))
