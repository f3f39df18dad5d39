"""A line that holds an event loop up, as a record."""

from __future__ import annotations

from iobound.model.breakdown import LoopBlock
from iobound.model.finding import Severity
from iobound.verbs.report import figures
from iobound.verbs.report.records import rule_notes
from iobound.verbs.report.records.record import Record


def blocked_record(blocks: list[LoopBlock], wall_ns: int, who: str = "the event loop") -> Record:
    """Blocks of one place, without the place.

    Args:
        blocks: At least one.
        wall_ns: What their time is a part of.
        who: Whose event loop.
    """
    one, whole_ns = blocks[0], sum(block.counted_ns for block in blocks)
    longest_ns = min(whole_ns, max(block.duration_ns for block in blocks))
    call = f"`{one.call}`" if one.call else "this line"
    times = "" if len(blocks) == 1 else f": {len(blocks):,} times, {figures.duration(longest_ns)} at the longest"
    doing = "importing" if one.importing else one.state.value
    return Record(
        rule=rule_notes.LOOP_BLOCKED,
        severity=Severity.WARNING,
        message=f"{call} holds {who} up for {figures.duration(whole_ns)}{times}, in {doing}; nothing else on it ran",
        fingerprint="",
        title="blocks the event loop",
        help="`await` it, or hand it to a thread: `await asyncio.to_thread(…)`",
        worth=whole_ns / wall_ns if wall_ns > 0 else None,
        numbers={
            "blocked_s": whole_ns / 1e9,
            "longest_s": longest_ns / 1e9,
            "times": len(blocks),
            "state": one.state.value,
        },
    )
