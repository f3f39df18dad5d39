"""The speedscope format: a profile for each thread, in order of time, with the state as the innermost frame.

Written here and not by pyinstrument's renderer, which knows one thread only and recurses into every frame.
Format: https://github.com/jlfwong/speedscope/wiki/Importing-from-custom-sources
"""

from __future__ import annotations

from iobound.model.diagnosis import Diagnosis
from iobound.model.timeline import ThreadTimeline
from iobound.verbs.report import as_json, stacks
from iobound.verbs.report.style import TextStyle

_SCHEMA = "https://www.speedscope.app/file-format-schema.json"


def render(diagnosis: Diagnosis, style: TextStyle) -> str:
    """A file that https://www.speedscope.app opens."""
    written = stacks.Stacks(diagnosis.recording, familiar=True)
    frames: dict[str, int] = {}
    profiles = [_profile(diagnosis, thread, written, frames) for thread in diagnosis.timeline.threads]
    return as_json.encode(
        {
            "$schema": _SCHEMA,
            "name": " ".join(diagnosis.recording.command),
            "activeProfileIndex": 0 if profiles else None,
            "exporter": f"iobound@{diagnosis.recording.iobound}",
            "shared": {"frames": [_frame(frame) for frame in frames]},
            "profiles": list(profiles),
        },
        indent=None,
    )


def _profile(
    diagnosis: Diagnosis, thread: ThreadTimeline, written: stacks.Stacks, frames: dict[str, int]
) -> as_json.Json:
    samples: list[as_json.Json] = []
    weights: list[as_json.Json] = []
    stretches = stacks.bounded(stacks.thread_stretches(thread, None, written), len(diagnosis.timeline.threads))
    for stack, duration_ns in stretches:
        samples.append([frames.setdefault(frame, len(frames)) for frame in stack])
        weights.append(duration_ns)
    return {
        "type": "sampled",
        "name": stacks.thread_name(diagnosis.recording, thread),
        "unit": "nanoseconds",
        "startValue": 0,
        "endValue": thread.duration_ns,
        "samples": samples,
        "weights": weights,
    }


def _frame(frame: str) -> as_json.Json:
    identifier, _, line = frame.partition("\x01l")
    function, _, rest = identifier.partition("\x00")
    file, _, first_line = rest.partition("\x00")
    return {
        "name": function,
        **({"file": file.removeprefix(stacks.INSTALLED)} if file else {}),
        **({"line": int(line or first_line)} if file else {}),
    }
