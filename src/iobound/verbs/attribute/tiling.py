"""From looks and counters to a timeline."""

from __future__ import annotations

from collections.abc import Sequence

from iobound.model.recording import Recording
from iobound.model.timeline import ThreadTimeline, Timeline
from iobound.verbs.attribute.calibration import factors_of, instants, process_budget, unseen_parts, weights_of
from iobound.verbs.attribute.division import divide
from iobound.verbs.attribute.frames import PROCESSES, StackTable
from iobound.verbs.attribute.looks import ThreadLooks
from iobound.verbs.attribute.whole_run import join


def tiled(recording: Recording, table: StackTable, threads: Sequence[ThreadLooks]) -> Timeline:
    """Work out what every thread did when, and to which thread each instant of the run belongs.

    Args:
        recording: What was observed.
        table: Its stacks.
        threads: Its looks, with what is inferred of each.

    Returns:
        Episodes that tile each thread's life, with exactly the CPU and run-queue time that the counters gave, and
        instants that tile the run.
    """
    divisions = [divide(looks) for looks in threads]
    joint = join(recording, threads, divisions, _pool_workers(threads, table))
    factors, unseen = factors_of(joint, divisions), unseen_parts(joint, divisions)
    return Timeline(
        threads=tuple(
            ThreadTimeline(looks.process, looks.thread, division.episodes)
            for looks, division in zip(threads, divisions, strict=True)
        ),
        whole=instants(
            joint, threads, factors, unseen, weights_of(joint, divisions), recording.start_ns, recording.end_ns
        ),
        processes=tuple(
            process_budget(won, factors, unseen, process.end_ns - process.start_ns)
            for won, process in zip(joint.processes, recording.processes, strict=True)
        ),
    )


def _pool_workers(threads: Sequence[ThreadLooks], table: StackTable) -> frozenset[int]:
    """Processes that were entered as workers of this program, and not started as programs of their own."""
    return frozenset(
        looks.process for looks in threads if any(table.entrances[stack] == PROCESSES for stack in looks.stacks)
    )
