"""iobound: is my program waiting or computing, and what would threads, processes or asyncio gain?

From a program: `iobound.run(func, …)` calls a function and reports, `with iobound.observe()` observes a block,
`@iobound.advise` every call of a function, and `iobound.predict(…)` says what workers would gain. In IPython and
Jupyter, `%load_ext iobound` gives the magics `%iobound` and `%%iobound`. Nothing of all that is loaded before it is
used.
"""

__version__ = "0.1.0"
__all__ = ["Observation", "Report", "advise", "observe", "predict", "run"]

_HOMES = {
    "advise": ("iobound.decorator.advising", "advise"),
    "Observation": ("iobound.pipeline.observing", "Observation"),
    "Report": ("iobound.pipeline.finished", "Report"),
    "observe": ("iobound.pipeline.observing", "Observation"),
    "predict": ("iobound.pipeline.predicting", "predict"),
    "run": ("iobound.pipeline.observing", "run"),
}


def __getattr__(name: str) -> object:
    """Load what is asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    module, attribute = _HOMES[name]
    value = globals()[name] = getattr(import_module(module), attribute)
    return value


def load_ipython_extension(shell: object) -> None:
    """What `%load_ext iobound` calls."""
    _magics("load", shell)


def unload_ipython_extension(shell: object) -> None:
    """What `%unload_ext iobound` calls."""
    _magics("unload", shell)


def _magics(what: str, shell: object) -> None:
    from importlib import import_module

    getattr(import_module("iobound.ipython"), what)(shell)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
