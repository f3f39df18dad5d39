"""The calls of decorated functions in the JSON report."""

from __future__ import annotations

from iobound.model.calls import Caller
from iobound.model.diagnosis import FunctionDiagnosis
from iobound.verbs.report import json_parts as parts
from iobound.verbs.report import paths
from iobound.verbs.report.json_parts import Json


def function(found: FunctionDiagnosis, cwd: str) -> dict[str, Json]:
    """One function, as `schema/report-1.json` describes it."""
    calls, breakdown = found.calls, found.breakdown
    has_steps = calls.kind != "function"
    return {
        "name": calls.name,
        "file": paths.relative(calls.file, cwd) if calls.file else None,
        "line": parts.line(calls.first_line),
        "function": calls.function,
        "kind": calls.kind,
        "calls": calls.calls,
        "nested": calls.nested,
        "failed": calls.failed,
        "wall_s": parts.seconds(calls.wall_ns),
        "cpu_s": parts.seconds(calls.cpu_ns),
        "busy_s": parts.seconds(calls.busy_ns),
        "longest_s": parts.seconds(calls.longest_ns),
        "steps": calls.steps if has_steps else None,
        "held_s": parts.seconds(calls.held_ns) if has_steps else None,
        "longest_step_s": parts.seconds(calls.longest_step_ns) if has_steps else None,
        "concurrency": calls.concurrency,
        "most_at_once": calls.most_at_once,
        "threads": calls.threads,
        "processes": calls.processes,
        "callers": [_caller(caller, cwd) for caller in calls.callers],
        "looks": breakdown.looks,
        "share": breakdown.sites[0].share if breakdown.sites else None,
        "independent": breakdown.sites[0].independent if breakdown.sites else "unknown",
        "states": parts.shares(breakdown.shares),
        "intervals": parts.intervals(breakdown),
        "waits": [parts.wait(wait, cwd) for wait in breakdown.waits],
        "left_out": {"waits": breakdown.left_out.get("waits", 0)},
        "verdict": parts.verdict(found.verdict),
        "advice": [parts.advice(advice) for advice in found.advice],
        "predictions": [parts.prediction(prediction) for prediction in found.predictions],
        "notes": list(calls.notes),
    }


def _caller(caller: Caller, cwd: str) -> Json:
    place = caller.place
    return {
        "file": paths.relative(place.file, cwd) if place.file else None,
        "line": parts.line(place.line),
        "column": place.column if place.column >= 0 else None,
        "function": place.function if place.file else None,
        "calls": round(caller.calls),
        "exact": caller.exact,
    }
