"""Observe: run the target as its shell would, or look at a program that runs already, and make a recording.

Steps: find out what can be observed (`capability`, `means`), start the target (`launch`; with an agent in its path
where memory cannot be read, `channel_folder`), look at it from outside until it ends (`run`, `supervisor`, `timetable`;
`portable` where there is nothing to see from outside), keep what was seen (`collector`, `bounds`).

A program that wants to be observed itself starts a process `beside` it, which looks at it until told to stop
(`attached`, `orders`).
"""

from __future__ import annotations

TYPE_CHECKING = False  # as in `typing`, which is too heavy for a guest
if TYPE_CHECKING:
    from typing import Any

    from iobound.verbs.observe.attached import Observed, observe_attached
    from iobound.verbs.observe.beside import Beside, asks_for_permission, start_for_another
    from iobound.verbs.observe.capability import quick as capabilities
    from iobound.verbs.observe.capability import self_tests
    from iobound.verbs.observe.folder import RECORDING, NoObserver, private_folder, remove_folder
    from iobound.verbs.observe.inside import Inside
    from iobound.verbs.observe.means import Options
    from iobound.verbs.observe.orders import PipeOrders
    from iobound.verbs.observe.run import Target, observe
    from iobound.verbs.observe.sources.effective_cpus import effective_cpus
    from iobound.verbs.observe.starting import HEAR, SPEAK, encodable, get_ready, shown_words
    from iobound.verbs.observe.untouched import Untouched, content_of
    from iobound.verbs.observe.words import BEGIN, HAND_ON, READY, STOP

_HOMES = {
    "BEGIN": "words",
    "HAND_ON": "words",
    "HEAR": "starting",
    "READY": "words",
    "RECORDING": "folder",
    "SPEAK": "starting",
    "STOP": "words",
    "Beside": "beside",
    "Inside": "inside",
    "NoObserver": "folder",
    "Observed": "attached",
    "Options": "means",
    "PipeOrders": "orders",
    "Target": "run",
    "Untouched": "untouched",
    "asks_for_permission": "beside",
    "capabilities": "capability",
    "content_of": "untouched",
    "effective_cpus": "sources.effective_cpus",
    "encodable": "starting",
    "get_ready": "starting",
    "observe": "run",
    "observe_attached": "attached",
    "private_folder": "folder",
    "remove_folder": "folder",
    "self_tests": "capability",
    "shown_words": "starting",
    "start_for_another": "beside",
}

__all__ = [
    "BEGIN",
    "HAND_ON",
    "HEAR",
    "READY",
    "RECORDING",
    "SPEAK",
    "STOP",
    "Beside",
    "Inside",
    "NoObserver",
    "Observed",
    "Options",
    "PipeOrders",
    "Target",
    "Untouched",
    "asks_for_permission",
    "capabilities",
    "content_of",
    "effective_cpus",
    "encodable",
    "get_ready",
    "observe",
    "observe_attached",
    "private_folder",
    "remove_folder",
    "self_tests",
    "shown_words",
    "start_for_another",
]


def __getattr__(name: str) -> Any:
    """Load what is asked for: a program that is observed loads what starts its observer, and no more."""
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = import_module(f"{__name__}.{_HOMES[name]}")
    value = globals()[name] = getattr(home, "quick" if name == "capabilities" else name)
    return value
