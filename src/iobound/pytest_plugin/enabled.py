"""What `--iobound` puts in place."""

from __future__ import annotations

import pytest

from iobound.errors import UsageError
from iobound.pytest_plugin.recorder import Recorder

RECORDER, CONTROLLER = "iobound-recorder", "iobound-controller"
"""Names of the two plugins in pytest's list."""

_RUN_NO_TESTS = ("collectonly", "help", "version", "showfixtures", "show_fixtures_per_test", "markers", "setuponly",
                 "setupplan", "cacheshow")  # fmt: skip


def enable(config: pytest.Config, options: object) -> None:
    """Register what notes times, and, in the process that was called, what observes; once.

    Args:
        config: Of this session.
        options: As far as they are parsed by now.
    """
    plugins = config.pluginmanager
    if plugins.has_plugin(RECORDER) or any(getattr(options, name, None) for name in _RUN_NO_TESTS):
        return
    plugins.register(Recorder(config), RECORDER)
    if hasattr(config, "workerinput"):
        return
    from iobound.pytest_plugin.controller import Controller
    from iobound.pytest_plugin.settings import settings_of

    try:
        settings = settings_of(config, options)
    except UsageError as error:
        hint = f" ({error.hint})" if error.hint else ""
        raise pytest.UsageError(f"iobound: {error.message}{hint}") from None
    plugins.register(Controller(config, settings), CONTROLLER)
