"""Batches are shown with the program's own names, where its source shows them."""

from __future__ import annotations

from queue import SimpleQueue

import pytest
from advise_stories import heard, loop_of

from iobound.model.source_facts import CallFact
from iobound.verbs.advise import batches
from iobound.verbs.advise.commits import is_commit


def recording_of(name: str, text: str, **loop):
    """A program with one call in one loop."""
    more = {key: loop.pop(key) for key in ("bound",) if key in loop}
    return heard(calls={31: CallFact(name, text)}, loops=[loop_of(**loop)._replace(**more)], enclosing={0: (0,)})


@pytest.mark.parametrize(("iterable", "lists"), [("jobs", [500, 500, 203]), ("(job for job in jobs)", [500, 500, 203])])
def test_messages_go_over_in_lists(iterable, lists) -> None:
    text = batches.of_messages(
        recording_of("multiprocessing.Queue.put", "work.put(job)", target="job", iterable=iterable)
    )
    work: SimpleQueue[list[int]] = SimpleQueue()
    exec(text, {"work": work, "jobs": list(range(1203))})
    assert [len(work.get()) for _ in range(work.qsize())] == lists


@pytest.mark.parametrize("text", ["work.put(None)", "work.put((job, 1))"])
def test_what_is_no_item_is_not_sliced(text) -> None:
    """The source shows no sequence of what is put: the names are then plain ones."""
    made = batches.of_messages(recording_of("multiprocessing.Queue.put", text, target="job", iterable="jobs"))
    assert "queue.put(items[" in made


@pytest.mark.parametrize(("name", "text"), [("db.commit", "db.commit()"), ("sqlite3.Connection.__enter__", "db")])
def test_commits_name_the_programs_connection(name, text) -> None:
    class Connection:
        commits = 0

        def commit(self) -> None:
            self.commits += 1

    db = Connection()
    made = batches.of_commits(recording_of(name, text, target="key, value", iterable="pairs"), is_commit)
    exec(made, {"db": db, "pairs": [(number, 0) for number in range(2500)]})
    assert "for number, (key, value) in enumerate(pairs, 1):" in made
    assert db.commits == 3


def test_a_connection_of_each_item_has_no_common_commit() -> None:
    made = batches.of_commits(recording_of("db.commit", "db.commit()", target="row", bound=("db",)), is_commit)
    assert "db." not in made
