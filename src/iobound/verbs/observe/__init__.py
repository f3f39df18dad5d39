"""Observe: run the target as its shell would, or look at a program that runs already, and make a recording.

Steps: find out what can be observed (`capability`, `means`), start the target (`launch`; with an agent in its path
where memory cannot be read, `channel_folder`), look at it from outside until it ends (`run`, `supervisor`, `timetable`;
`portable` where there is nothing to see from outside), keep what was seen (`collector`, `bounds`).

A program that wants to be observed itself starts a process `beside` it, which looks at it until told to stop
(`attached`, `orders`).
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from iobound.verbs.observe.attached import Observed, observe_attached
    from iobound.verbs.observe.beside import Beside, NoObserver, private_folder, remove_folder
    from iobound.verbs.observe.capability import quick as capabilities
    from iobound.verbs.observe.capability import self_tests
    from iobound.verbs.observe.means import Options
    from iobound.verbs.observe.orders import PipeOrders
    from iobound.verbs.observe.run import Target, observe
    from iobound.verbs.observe.sources.effective_cpus import effective_cpus

_HOMES = {
    "Beside": "beside",
    "NoObserver": "beside",
    "Observed": "attached",
    "Options": "means",
    "PipeOrders": "orders",
    "Target": "run",
    "capabilities": "capability",
    "effective_cpus": "sources.effective_cpus",
    "observe": "run",
    "observe_attached": "attached",
    "private_folder": "beside",
    "remove_folder": "beside",
    "self_tests": "capability",
}

__all__ = [
    "Beside",
    "NoObserver",
    "Observed",
    "Options",
    "PipeOrders",
    "Target",
    "capabilities",
    "effective_cpus",
    "observe",
    "observe_attached",
    "private_folder",
    "remove_folder",
    "self_tests",
]


def __getattr__(name: str) -> Any:
    """Load what is asked for: a program that is observed loads what starts its observer, and no more."""
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = import_module(f"{__name__}.{_HOMES[name]}")
    value = globals()[name] = getattr(home, "quick" if name == "capabilities" else name)
    return value
