"""A comparison as JSON: everything that scripts may rely on, as `schema/comparison-1.json` describes it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from iobound import __version__
from iobound.model.comparison import (
    AdviceChange,
    Change,
    Comparison,
    FindingChange,
    HotspotChange,
    Side,
    WaitChange,
    Where,
)
from iobound.verbs.report import json_parts
from iobound.verbs.report.as_json import encode
from iobound.verbs.report.style import TextStyle

SCHEMA = "iobound.comparison/1"


def render(comparison: Comparison, style: TextStyle) -> str:
    """The document as JSON text, ASCII only, ending in a newline."""
    return encode(document(comparison))


def schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) that every document of this format keeps to."""
    from importlib import resources

    file = resources.files("iobound.verbs.report").joinpath("schema/comparison-1.json")
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


def document(of: Comparison) -> dict[str, Any]:
    """The comparison as plain data; `encode` makes its strings and numbers fit for JSON."""
    return {
        "schema": SCHEMA,
        "iobound": __version__,
        "base": _side(of.base),
        "head": _side(of.head),
        "level": _number(of.level),
        "level_of_others": _number(of.level_of_others),
        "changed": of.changed,
        "regressions": len(of.worse),
        "regressions_of_what_is_compared": of.regressions_of_what_is_compared,
        "worse": list(of.worse),
        "better": list(of.better),
        "warnings": list(of.warnings),
        "not_compared": dict(of.not_compared),
        "verdict": {
            "before": of.verdict.before,
            "after": of.verdict.after,
            "runs_before": dict(of.verdict.runs_before),
            "runs_after": dict(of.verdict.runs_after),
            "beyond_noise": of.verdict.beyond,
        },
        **_changes(of.totals),
        "states": _changes(of.states),
        "states_s": _changes(of.states_s),
        "waits": [_wait(each) for each in of.waits],
        "hotspots": [_hotspot(each) for each in of.hotspots],
        "findings": [_finding(each) for each in of.findings],
        "advice": [_advice(each) for each in of.advice],
        "places": {name: _where(where) for name, where in of.places.items()},
        "checks": [json_parts.check(each) for each in of.checks],
    }


def _side(of: Side) -> dict[str, Any]:
    return {
        "runs": list(of.runs),
        "command": of.command,
        "machine": of.machine,
        "interpreter": of.interpreter,
        "iobound": of.iobound,
        "source": of.source,
    }


def _changes(of: Mapping[str, Change]) -> dict[str, Any]:
    return {name: _change(change) for name, change in of.items()}


_DIGITS = 9
"""More of them say nothing, and the last ones depend on the mathematics library of the system."""


def _number(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.{_DIGITS}g}")


def _change(of: Change) -> dict[str, Any]:
    return {
        "unit": of.unit.value,
        "before": _number(of.before),
        "after": _number(of.after),
        "change": _number(of.change),
        "measured": _number(of.measured),
        "low": _number(of.low),
        "high": _number(of.high),
        "surely": _number(of.surely),
        "visible": _number(of.visible),
        "beyond_noise": of.beyond,
        "why": of.why or None,
    }


def _wait(of: WaitChange) -> dict[str, Any]:
    return {
        "state": of.state,
        "target": of.target,
        "file": of.file or None,
        "function": of.function,
        "change": of.presence.value,
        "count": _change(of.count),
        "wall_s": _change(of.wall_s),
        "thread_s": _change(of.thread_s),
        "each_s": _change(of.each_s),
        "at": None if of.at is None else _where(of.at),
    }


def _where(of: Where) -> dict[str, Any]:
    return {"file": of.file, "line": of.line, "function": of.function}


def _hotspot(of: HotspotChange) -> dict[str, Any]:
    return {
        "file": of.file,
        "file_before": of.file_before or None,
        "line": of.line,
        "line_before": of.line_before,
        "function": of.function,
        "call": of.call,
        "change": of.presence.value,
        "wall_s": _change(of.wall_s),
        "share": _change(of.share),
    }


def _finding(of: FindingChange) -> dict[str, Any]:
    return {
        "rule": of.rule,
        "file": of.file,
        "line": of.line,
        "function": of.function,
        "severity": of.severity,
        "message": of.message,
        "change": of.presence.value,
    }


def _advice(of: AdviceChange) -> dict[str, Any]:
    return {
        "strategy": of.strategy,
        "file": of.file or None,
        "function": of.function,
        "callee": of.callee,
        "workers": of.workers,
        "workers_before": of.workers_before,
        "change": of.presence.value,
        "beyond_noise": of.beyond,
        "speed_up": _change(of.speed_up),
    }
