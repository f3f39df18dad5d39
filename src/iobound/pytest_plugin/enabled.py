"""What `--iobound` puts in place."""

from __future__ import annotations

import time

import pytest

from iobound.errors import UsageError
from iobound.pytest_plugin.recorder import Recorder

RECORDER, CONTROLLER = "iobound-recorder", "iobound-controller"
"""Names of the two plugins in pytest's list."""

_RUN_NO_TESTS = ("collectonly", "help", "version", "showfixtures", "show_fixtures_per_test", "markers", "setuponly",
                 "setupplan", "cacheshow")  # fmt: skip


def enable(config: pytest.Config, options: object, began: tuple[int, int]) -> None:
    """Register what notes times, and, in the process that was called, what observes; once.

    Args:
        config: Of this session.
        options: As far as they are parsed by now.
        began: When loading this began, by the monotonic clock and the process's CPU clock.
    """
    plugins = config.pluginmanager
    if plugins.has_plugin(RECORDER) or any(getattr(options, name, None) for name in _RUN_NO_TESTS):
        return
    recorder = Recorder(config)
    plugins.register(recorder, RECORDER)
    if not hasattr(config, "workerinput"):
        _control(config, options)
    recorder.excuse(time.monotonic_ns() - began[0], time.process_time_ns() - began[1])


def _control(config: pytest.Config, options: object) -> None:
    """Register what belongs into the process that was called only."""
    from iobound.pytest_plugin.controller import Controller
    from iobound.pytest_plugin.settings import settings_of

    try:
        settings = settings_of(config, options)
    except UsageError as error:
        hint = f" ({error.hint})" if error.hint else ""
        raise pytest.UsageError("\n".join((f"iobound: {error.message}{hint}", *error.excerpt))) from None
    config.pluginmanager.register(Controller(config, settings), CONTROLLER)
