"""What the pytest plugin does in the processes that it looks at: it has recordings handed on between tests."""

from __future__ import annotations

import re
from functools import cached_property

from iobound.model.recording import NO_STACK, Recording
from iobound.verbs.attribute.frames import StackTable

_PLUGIN = r"(?:^|[/\\])iobound[/\\]pytest_plugin[/\\]"
_ANSWER = r"[/\\]iobound-\d+-[0-9a-f]{12}[/\\]answer$"
"""What a program reads its observer's answers from, should no stack say who waits for one."""


class PluginsOwn:
    """Tells the plugin's own doing from that of the tests: nothing of these is ever called by it from a hook that runs.

    Args:
        recording: What was observed.
        table: Of this recording.
    """

    def __init__(self, recording: Recording, table: StackTable) -> None:
        self._channels = recording.channels
        self._table = table

    def is_its(self, stack: int, channel: int) -> bool:
        """Whether somebody who was seen like this was the plugin."""
        if stack == NO_STACK:
            return channel in self._answers
        return self._by_stack[stack]

    @cached_property
    def _answers(self) -> frozenset[int]:
        return frozenset(
            number for number, channel in enumerate(self._channels) if re.search(_ANSWER, channel.target) is not None
        )

    @cached_property
    def _by_stack(self) -> list[bool]:
        is_plugins = [re.search(_PLUGIN, place.file) is not None for place in self._table.places]
        known = [False] * len(self._table.place)
        for stack in range(1, len(known)):
            place = self._table.place[stack]
            known[stack] = known[self._table.caller[stack]] or (place >= 0 and is_plugins[place])
        return known
