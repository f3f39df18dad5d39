"""Call trees: a timeline as pyinstrument's frame records, and its session and renderers over them.

The only file that knows pyinstrument; it is loaded when a tree or a session is asked for and not before.
"""

from __future__ import annotations

from datetime import datetime

from pyinstrument.renderers.console import ConsoleRenderer
from pyinstrument.session import Session

from iobound.model.diagnosis import Diagnosis
from iobound.model.state import COMPUTING, State
from iobound.verbs.report import as_json, figures, harmless, paths, stacks
from iobound.verbs.report.layout import ascii_only
from iobound.verbs.report.stacks import Stacks, States
from iobound.verbs.report.style import TextStyle

_NS_PER_S = 1_000_000_000
_LONGEST_COMMAND = 60

Record = tuple[list[str], float]


class _TreeRenderer(ConsoleRenderer):
    def render_preamble(self, session: Session) -> str:
        return f"{session.target_description}\n\n"


class _FamiliarSession(Session):
    """A session whose paths are short already."""

    def shorten_path(self, path: str) -> str:
        return path.removeprefix(stacks.INSTALLED)


def tree(diagnosis: Diagnosis, states: States, style: TextStyle) -> str:
    """The call tree as pyinstrument draws it, see `iobound.verbs.report.tree`."""
    found = session(diagnosis, states)
    if not found.frame_records:
        text = f"{found.target_description}\n\nNo time was seen in {_named(states)}."
    else:
        text = _TreeRenderer(unicode=style.unicode, color=style.colour).render(found).rstrip()
    if not style.unicode:
        text = ascii_only(text)
    return "".join(f"{harmless.guarded(line).rstrip()}\n" for line in text.split("\n"))


def pyisession(diagnosis: Diagnosis, style: TextStyle) -> str:
    """A session that `pyinstrument --load` opens, with absolute paths."""
    return as_json.encode(session(diagnosis, None, familiar=False).to_json(), indent=None)


def session(diagnosis: Diagnosis, states: States, *, familiar: bool = True) -> Session:
    """All threads' time in the wanted states as one pyinstrument session.

    Args:
        familiar: Paths as people name them, for drawing here; otherwise absolute ones, for tools elsewhere.
    """
    recording = diagnosis.recording
    records = frame_records(diagnosis, states, familiar=familiar)
    roots = [stacks.INSTALLED] if familiar else paths.library_roots(recording.places)
    period_s = max(1e-6, recording.effort.period_ns / _NS_PER_S)
    kind = _FamiliarSession if familiar else Session
    return kind(
        frame_records=records,
        start_time=_epoch(recording.created),
        duration=recording.wall_ns / _NS_PER_S,
        min_interval=period_s,
        max_interval=period_s,
        sample_count=recording.effort.taken,
        start_call_stack=[""],  # pyinstrument takes the first without asking; no frame is called ""
        target_description=_description(diagnosis, states, sum(seconds for _, seconds in records)),
        cpu_time=diagnosis.breakdown.totals.cpu_ns / _NS_PER_S,
        sys_path=[] if familiar else [recording.cwd, *roots],
        sys_prefixes=roots,
    )


def frame_records(diagnosis: Diagnosis, states: States, *, familiar: bool) -> list[Record]:
    """Time by stack, thread after thread, each in order of time."""
    recording, threads = diagnosis.recording, diagnosis.timeline.threads
    written = Stacks(recording, familiar=familiar)
    records: list[Record] = []
    roots = stacks.thread_frames(recording, threads, together=familiar)
    order = {frame: number for number, frame in enumerate(dict.fromkeys(roots))}
    for thread, frame in sorted(zip(threads, roots, strict=True), key=lambda pair: order[pair[1]]):
        root = [frame] if len(threads) > 1 else []
        stretches = stacks.bounded(stacks.thread_stretches(thread, states, written, root), len(threads))
        records += [(frames, duration_ns / _NS_PER_S) for frames, duration_ns in stretches]
    return records


def _description(diagnosis: Diagnosis, states: States, seconds: float) -> str:
    threads = len(diagnosis.timeline.threads)
    command = harmless.inline(" ".join(diagnosis.recording.command), _LONGEST_COMMAND)
    time = figures.duration(round(seconds * _NS_PER_S))
    return f"{command}: {time} of {figures.tally(threads, 'thread')} in {_named(states)}"


def _named(states: States) -> str:
    if states is None:
        return "all states"
    if states == COMPUTING:
        return "computing"
    return ", ".join(state.value for state in State if state in states) or "no state"


def _epoch(created: str) -> float:
    try:
        return datetime.fromisoformat(created).timestamp()
    except ValueError:
        return 0.0
