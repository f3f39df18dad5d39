"""The JSON report: everything that scripts and CI may rely on, as `schema/report-1.json` describes it.

What is not known is `null`, never 0. Seconds have all nine digits, so that nothing is lost against the recording.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping

from iobound.model.breakdown import Breakdown, EventLoop, Hotspot, ProcessBudget, Site, ThreadBudget
from iobound.model.diagnosis import Diagnosis, Evidence
from iobound.model.recording import Capability, Effort, Interpreter, Machine, ProcessRecord, Recording
from iobound.verbs.report import functions_as_json, harmless, paths
from iobound.verbs.report import json_parts as parts
from iobound.verbs.report.style import TextStyle

SCHEMA = "iobound.report/1"

Json = parts.Json


def render(diagnosis: Diagnosis, style: TextStyle) -> str:
    """The document as JSON text, ASCII only, ending in a newline."""
    return encode(document(diagnosis))


def encode(value: object, indent: int | None = 2, *, longest: int = harmless.LONGEST_EXACT) -> str:
    """JSON text in ASCII that every parser reads and no terminal or CI system acts on.

    Args:
        value: Plain data.
        indent: As `json.dumps` takes it.
        longest: Characters of a string; the middle of a longer one is left out.
    """
    separators = (",", ":") if indent is None else None
    text = json.dumps(_clean(value, longest), indent=indent, ensure_ascii=True, allow_nan=False, separators=separators)
    return harmless.guarded_json(text).replace("\x7f", "\\u007f") + "\n"


def schema() -> dict[str, Json]:
    """The JSON Schema (draft 2020-12) that every document of this format keeps to."""
    from importlib import resources  # costs more than all else here, and reports do without

    file = resources.files("iobound.verbs.report").joinpath("schema/report-1.json")
    found: dict[str, Json] = json.loads(file.read_text(encoding="utf-8"))
    return found


def document(diagnosis: Diagnosis) -> dict[str, Json]:
    """The report as plain data; `encode` makes its strings and numbers fit for JSON."""
    recording, breakdown = diagnosis.recording, diagnosis.breakdown
    return {
        "schema": SCHEMA,
        "iobound": recording.iobound,
        "created": recording.created,
        "command": list(recording.command),
        "cwd": recording.cwd,
        "exit_code": recording.exit_code,
        "signal": recording.signal,
        "interpreter": _interpreter(recording.interpreter),
        "machine": _machine(recording.machine),
        "source": recording.source,
        "capabilities": [_capability(capability) for capability in recording.capabilities],
        "overhead": _overhead(recording.effort, recording.wall_ns),
        "wall_s": parts.seconds(breakdown.wall_ns),
        "cpu_s": parts.seconds(breakdown.totals.cpu_ns),
        "states": parts.shares(breakdown.shares),
        "intervals": parts.intervals(breakdown),
        "totals": _totals(breakdown),
        **_measured(diagnosis),
        **_concluded(diagnosis),
        "notes": [*recording.notes, *breakdown.notes],
        **_functions(diagnosis),
    }


def _functions(diagnosis: Diagnosis) -> dict[str, Json]:
    """Of decorated functions, where there are any."""
    if not diagnosis.functions:
        return {}
    cwd = diagnosis.recording.cwd
    return {"functions": [functions_as_json.function(each, cwd) for each in diagnosis.functions]}


def _measured(diagnosis: Diagnosis) -> dict[str, Json]:
    recording, breakdown = diagnosis.recording, diagnosis.breakdown
    cwd, wall_ns = recording.cwd, breakdown.wall_ns
    return {
        "processes": [_process(process, recording.processes[process.process]) for process in breakdown.processes],
        "phases": _phases(diagnosis),
        "sites": [_site(site, cwd) for site in breakdown.sites],
        "hotspots": [_hotspot(hotspot, cwd, wall_ns) for hotspot in breakdown.hotspots],
        "waits": [parts.wait(wait, cwd) for wait in breakdown.waits],
        "event_loops": [_event_loop(loop, recording) for loop in breakdown.event_loops],
        "left_out": {name: breakdown.left_out.get(name, 0) for name in ("sites", "hotspots", "waits")},
    }


def _concluded(diagnosis: Diagnosis) -> dict[str, Json]:
    return {
        "verdict": parts.verdict(diagnosis.verdict),
        "advice": [parts.advice(advice) for advice in diagnosis.advice],
        "predictions": [parts.prediction(prediction) for prediction in diagnosis.predictions],
        "evidence": [_evidence(evidence) for evidence in diagnosis.evidence],
        "findings": _findings(diagnosis),
        "unscanned": diagnosis.recording.facts.unscanned or None,
        "checks": [parts.check(check) for check in diagnosis.checks],
    }


def _interpreter(interpreter: Interpreter) -> Json:
    return {
        "implementation": interpreter.implementation,
        "version": interpreter.version,
        "gil_enabled": interpreter.gil_enabled,
        "free_threaded_build": interpreter.free_threaded_build,
    }


def _machine(machine: Machine) -> Json:
    return {
        "system": machine.system,
        "cpus": machine.cpus,
        "effective_cpus": machine.effective_cpus,
        "limited_by": machine.limited_by,
        "memory_bytes": machine.memory_bytes or None,
    }


def _capability(capability: Capability) -> Json:
    return {
        "fact": capability.fact,
        "source": capability.source,
        "available": capability.available,
        "why": capability.why,
    }


def _overhead(effort: Effort, wall_ns: int) -> Json:
    return {
        "cpu_s": parts.seconds(effort.cpu_ns),
        "share": effort.cpu_ns / wall_ns if wall_ns > 0 else None,
        "period_s": parts.seconds(effort.period_ns) if effort.period_ns > 0 else None,
        "samples": effort.taken,
        "missed": effort.missed,
        "failed": effort.failed,
        "late": effort.late,
        "slowed": effort.slowed,
        "inside_samples": effort.inside_looks,
        "inside_missed": effort.inside_missed,
    }


def _totals(breakdown: Breakdown) -> Json:
    totals = breakdown.totals
    return {
        "system_s": parts.seconds(totals.system_ns),
        "read_bytes": totals.read_bytes,
        "write_bytes": totals.write_bytes,
        "context_switches": {"voluntary": totals.voluntary, "involuntary": totals.involuntary},
        "minor_faults": totals.minor_faults,
        "iowait": totals.iowait,
        "steal": totals.steal,
        "cpu_pressure": totals.cpu_pressure,
        "io_pressure": totals.io_pressure,
        "throttled_s": parts.seconds(totals.throttled_ns),
        "peak_rss_bytes": totals.peak_rss_bytes,
        "gil_wait": breakdown.gil_wait_share,
        "lock_wait": breakdown.lock_wait_share,
    }


def _process(process: ProcessBudget, record: ProcessRecord) -> Json:
    return {
        "pid": record.pid,
        "parent": record.parent,
        "command": record.command,
        "python": record.python,
        "lifetime_s": parts.seconds(process.lifetime_ns),
        "exit_code": record.exit_code,
        "signal": record.signal,
        "states": parts.shares_of(process.budget),
        "threads": [_thread(thread) for thread in process.threads],
        "io": {"read_bytes": record.read_bytes, "write_bytes": record.write_bytes},
        "context_switches": {"voluntary": record.voluntary, "involuntary": record.involuntary},
        "peak_rss_bytes": record.peak_rss_bytes,
    }


def _thread(thread: ThreadBudget) -> Json:
    return {
        "name": thread.name,
        "native_id": thread.native_id,
        "lifetime_s": parts.seconds(thread.lifetime_ns),
        "states": parts.shares_of(thread.budget),
    }


def _phases(diagnosis: Diagnosis) -> Json:
    bounds = [bound.value for bound in diagnosis.phase_bounds]
    phases = diagnosis.breakdown.phases
    return [
        {
            "start_s": parts.seconds(phase.start_ns),
            "end_s": parts.seconds(phase.end_ns),
            "name": phase.name,
            "bound": bound,
            "states": parts.shares(phase.shares),
        }
        for phase, bound in zip(phases, bounds + [None] * (len(phases) - len(bounds)), strict=False)
    ]


def _site(site: Site, cwd: str) -> Json:
    return {
        "file": paths.relative(site.file, cwd),
        "line": parts.line(site.line),
        "column": site.column if site.column >= 0 else None,
        "function": site.function,
        "callee": site.callee,
        "calls": None if site.items is None else round(site.items),
        "wall_s": parts.seconds(site.wall_ns),
        "share": site.share,
        "low": site.share_interval.low,
        "high": site.share_interval.high,
        "states": parts.shares_of(site.budget),
        "independent": site.independent,
        "obstacles": list(site.obstacles),
        "strategy_now": site.strategy_now,
        "workers_now": site.workers_now,
        "concurrency": site.concurrency,
    }


def _hotspot(hotspot: Hotspot, cwd: str, wall_ns: int) -> Json:
    return {
        "file": paths.relative(hotspot.file, cwd),
        "line": parts.line(hotspot.line),
        "column": hotspot.column if hotspot.column >= 0 else None,
        "function": hotspot.function,
        "call": hotspot.call,
        "wall_s": parts.seconds(hotspot.wall_ns),
        "thread_s": parts.seconds(hotspot.thread_ns),
        "share": hotspot.wall_ns / wall_ns if wall_ns > 0 else None,
        "states": parts.shares_of(hotspot.budget),
    }


def _evidence(evidence: Evidence) -> Json:
    return {"method": evidence.method, "says": evidence.says, "weight": evidence.weight, "text": evidence.text}


def _findings(diagnosis: Diagnosis) -> Json:
    recording = diagnosis.recording
    return [
        {
            "rule": finding.rule,
            "file": paths.relative(finding.file, recording.cwd),
            "line": finding.line,
            "column": finding.column,
            "end_line": finding.end_line,
            "severity": finding.severity,
            "message": finding.message,
            "share": share,
        }
        for finding, share in diagnosis.breakdown.placed(recording.facts.findings)
    ]


def _event_loop(loop: EventLoop, recording: Recording) -> Json:
    cwd = recording.cwd
    return {
        "process": recording.processes[loop.process].pid,
        "thread": loop.thread,
        "blocked_s": parts.seconds(loop.blocked_ns),
        "longest_block_s": parts.seconds(loop.longest_ns),
        "selecting_s": parts.seconds(loop.selecting_ns),
        "blocks": [
            {
                "start_s": parts.seconds(block.start_ns),
                "duration_s": parts.seconds(block.duration_ns),
                "state": block.state.value,
                "file": paths.relative(block.file, cwd),
                "line": parts.line(block.line),
                "function": block.function,
                "call": block.call,
            }
            for block in loop.blocks
        ],
    }


def _clean(value: object, longest: int) -> Json:
    """The value with harmless strings, and `null` for what is no number: infinity, not a number."""
    if isinstance(value, str):
        return harmless.exact(value, longest)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {harmless.exact(key, longest): _clean(item, longest) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(item, longest) for item in value]
    if value is None or isinstance(value, bool | int):
        return value
    raise TypeError(f"{type(value).__name__} has no place in a JSON report")
