"""What is stored is what is read, however it was cut into parts."""

from __future__ import annotations

import tempfile
from array import array
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from iobound.model.increment import Closing, Increment, Opening, ThreadPart, assemble
from iobound.model.recording import (
    Capability,
    Channel,
    Effort,
    Gil,
    HostLook,
    Interpreter,
    Kind,
    LoopLooks,
    Machine,
    Marks,
    Place,
    ProcessRecord,
    Recording,
    StackLooks,
    StackNode,
    ThreadRecord,
)
from iobound.model.source_facts import CallFact, FindingFact, LoopFact, SourceFacts
from iobound.verbs.store import JournalFile, load, save, thin

SURROGATES = [chr(0xDC80 + byte) for byte in (0, 1, 127)]  # bytes of names that are not UTF-8
TEXT = st.text(st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from(SURROGATES)), max_size=8)
NS = st.integers(0, 1 << 62)
COUNT = st.one_of(st.none(), st.integers(0, 1 << 60))
SHARE = st.one_of(st.none(), st.floats(0, 1))


def rows_of(kind):
    """Looks from drawn rows, sorted by their first column, which is in order of time."""

    def build(rows):
        rows = sorted(rows, key=lambda row: row[0])
        return kind(*(array(code, [row[i] for row in rows]) for i, code in enumerate(kind.codes)))

    return build


def marks(channels: int):
    row = st.tuples(NS, NS, NS, NS, st.integers(0, channels - 1), st.sampled_from(Gil), st.integers(1, 1000))

    def build(rows):
        """A wait lasts to the next mark at most."""
        rows = sorted(rows, key=lambda row: row[0])
        until = [*(row[0] for row in rows[1:]), 1 << 62]
        held = [
            (time, min(max(time, still), end), *more) for (time, still, *more), end in zip(rows, until, strict=False)
        ]
        return rows_of(Marks)(held)

    return st.lists(row, max_size=12).map(build)


def stack_looks(stacks: int):
    row = st.tuples(NS, NS, st.integers(0, stacks - 1), st.integers(-1, 1))
    return st.lists(row, max_size=12).map(rows_of(StackLooks))


def loop_looks(stacks: int):
    row = st.tuples(NS, st.integers(0, stacks - 1), st.integers(0, 9), NS, NS, st.integers(-1, 1 << 60))
    return st.lists(row, max_size=12).map(rows_of(LoopLooks))


def spans():
    return st.tuples(NS, NS).map(sorted)


@st.composite
def threads(draw, channels: int, stacks: int) -> ThreadRecord:
    start, end = draw(spans())
    return ThreadRecord(
        draw(NS), draw(TEXT), start, end, draw(NS), draw(NS),
        draw(marks(channels)), draw(stack_looks(stacks)), draw(loop_looks(stacks)),
    )  # fmt: skip


@st.composite
def processes(draw, channels: int, stacks: int) -> ProcessRecord:
    start, end = draw(spans())
    optional = {name: draw(COUNT) for name, default in ProcessRecord._field_defaults.items() if default is None}
    own = tuple(draw(st.lists(threads(channels, stacks), max_size=3)))
    return ProcessRecord(draw(NS), draw(NS), draw(TEXT), draw(st.booleans()), True, start, end, own, **optional)


def made(kind, *fields):
    """Nouns with these first fields, and the default of every other."""
    return st.tuples(*fields).map(lambda values: kind(*values))


@st.composite
def source_facts(draw, places: int) -> SourceFacts:
    loop = made(LoopFact, TEXT, TEXT, NS, NS, NS, TEXT, TEXT, TEXT, TEXT, st.just(("a",)), TEXT, COUNT)
    loops = tuple(draw(st.lists(loop, max_size=2)))
    keys = st.integers(0, places - 1)
    line, column = st.integers(1, 9), st.integers(0, 9)
    finding = made(
        FindingFact, st.from_regex("IOB[0-9]{3}", fullmatch=True), TEXT, line, column, st.integers(10, 99), column,
        st.sampled_from(["info", "warning", "error"]), TEXT, TEXT,
    )  # fmt: skip
    return SourceFacts(
        draw(st.dictionaries(keys, made(CallFact, TEXT, TEXT, st.booleans(), st.none() | TEXT), max_size=2)),
        loops,
        draw(st.dictionaries(keys, st.just(tuple(range(len(loops)))), max_size=2)),
        draw(st.dictionaries(keys, TEXT, max_size=2)),
        tuple(draw(st.lists(finding, max_size=2))),
        draw(TEXT),
    )


@st.composite
def recordings(draw) -> Recording:
    channels = tuple(draw(st.lists(made(Channel, TEXT, st.sampled_from(Kind), TEXT), min_size=1, max_size=4)))
    places = tuple(draw(st.lists(made(Place, TEXT, TEXT, NS, NS, st.integers(-1, 9)), min_size=1, max_size=4)))
    place = st.integers(0, len(places) - 1)
    callers = [draw(st.integers(0, index)) for index in range(draw(st.integers(0, 4)))]
    nodes = [StackNode(0, 0), *(StackNode(caller, draw(place)) for caller in callers)]
    start, end = draw(spans())
    capability = made(Capability, TEXT, TEXT, st.booleans(), st.none() | TEXT)
    host = made(HostLook, NS, SHARE, SHARE, SHARE, SHARE, SHARE, COUNT)
    return Recording(
        iobound=draw(TEXT),
        created=draw(TEXT),
        command=tuple(draw(st.lists(TEXT, max_size=3))),
        cwd=draw(TEXT),
        interpreter=Interpreter(draw(TEXT), draw(TEXT), draw(st.booleans()), draw(st.booleans())),
        machine=Machine(draw(TEXT), 4, draw(st.floats(0.1, 64)), "machine", draw(NS)),
        capabilities=tuple(draw(st.lists(capability, max_size=2))),
        start_ns=start,
        end_ns=end,
        exit_code=draw(st.none() | st.integers(-1, 255)),
        signal=draw(st.none() | st.integers(1, 64)),
        processes=tuple(draw(st.lists(processes(len(channels), len(nodes)), max_size=3))),
        channels=channels,
        places=places,
        stacks=tuple(nodes),
        host=tuple(draw(st.lists(host, max_size=3))),
        effort=draw(made(Effort, NS, NS, NS, NS, NS, NS, st.booleans())),
        facts=draw(source_facts(len(places))),
        notes=tuple(draw(st.lists(TEXT, max_size=2))),
        source=draw(st.sampled_from(("linux", "portable"))),
    )  # fmt: skip


def opening_of(whole: Recording) -> Opening:
    return Opening(**{name: getattr(whole, name) for name in Opening._fields})


def closing_of(whole: Recording) -> Closing:
    return Closing(**{name: getattr(whole, name) for name in Closing._fields})


def cut(looks, first: int, last: int | None):
    return type(looks)(*(getattr(looks, name)[first:last] for name in looks.__slots__))


@st.composite
def split(draw, whole: Recording) -> list[Increment]:
    """Increments as an observer would send them; where `grows`, the last mark of each is sent again in the next."""
    parts, grows = draw(st.integers(1, 4)), draw(st.booleans())

    def share(rows, index: int):
        return rows[len(rows) * index // parts : len(rows) * (index + 1) // parts]

    increments = []
    for index in range(parts):
        pieces = []
        for number, process in enumerate(whole.processes):
            for place, thread in enumerate(process.threads):
                pieces.append(ThreadPart(number, place, *_piece(thread, index, parts, grows)))
        increments.append(
            Increment(
                time_ns=whole.end_ns if index == parts - 1 else whole.start_ns,
                channels=share(whole.channels, index),
                places=share(whole.places, index),
                stacks=share(whole.stacks, index),
                processes=tuple((n, p._replace(threads=())) for n, p in enumerate(whole.processes)),
                threads=tuple(pieces),
                host=share(whole.host, index),
                effort=whole.effort if index == parts - 1 else None,
            )
        )
    return increments


def _piece(thread: ThreadRecord, index: int, parts: int, grows: bool) -> tuple[int, ThreadRecord]:
    def bounds(looks):
        return len(looks) * index // parts, len(looks) * (index + 1) // parts

    first, last = bounds(thread.marks)
    again = 1 if grows and first else 0
    marks = cut(thread.marks, first - again, last)
    if grows and index < parts - 1 and len(marks):  # not yet what it will be when it is sent again
        marks.still[-1], marks.looks[-1] = marks.time[-1], 1
    stacks, loops = cut(thread.stacks, *bounds(thread.stacks)), cut(thread.loops, *bounds(thread.loops))
    return first - again, thread._replace(marks=marks, stacks=stacks, loops=loops)


@settings(max_examples=30)
@given(recordings())
def test_what_is_saved_is_what_is_loaded(whole):
    with tempfile.TemporaryDirectory() as folder:
        save(whole, Path(folder, "a.iob"))
        assert load(Path(folder, "a.iob")) == whole


@settings(max_examples=30)
@given(st.data())
def test_a_journal_of_any_parts_is_the_whole(data):
    whole = data.draw(recordings())
    increments = data.draw(split(whole))
    assert assemble(opening_of(whole), increments, closing_of(whole)) == whole
    with tempfile.TemporaryDirectory() as folder:
        journal = JournalFile(Path(folder, "a.iob"))
        for part in (opening_of(whole), *increments, closing_of(whole)):
            journal.add(part)
        journal.close()
        assert load(Path(folder, "a.iob")) == whole


@settings(max_examples=30)
@given(recordings())
def test_thinning_conserves_counters_ends_and_looks(whole):
    for process, thinned in zip(whole.processes, thin(whole).processes, strict=True):
        for before, after in zip(process.threads, thinned.threads, strict=True):
            assert sum(after.marks.looks) == sum(before.marks.looks)
            assert len(after.marks) <= len(before.marks)
            for name in ("time", "still", "cpu", "queued"):
                assert getattr(after.marks, name)[:1] == getattr(before.marks, name)[:1]
                assert getattr(after.marks, name)[-1:] == getattr(before.marks, name)[-1:]
