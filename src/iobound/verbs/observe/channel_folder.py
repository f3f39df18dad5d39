"""A private directory in which agents leave their channels."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import suppress

from iobound.verbs.observe.sources.agent_channel import AgentChannel

_PLACES = (None, "/dev/shm", "/tmp")  # mkdtemp makes a private directory in it

_CLOCK_TICK_NS = 50_000_000
_TRIES = 100


class ChannelFolder:
    """Makes the directory (mode 0700), finds new channels in it, and removes it at the end.

    Raises:
        OSError: No place for it can be found.
    """

    def __init__(self) -> None:
        self.path = _make()
        self._seen_ns = -1

    def new_channels(self) -> Iterator[tuple[int, AgentChannel]]:
        """Process id and channel of every agent that has come since the last call."""
        try:
            changed_ns = os.stat(self.path).st_mtime_ns
            if changed_ns == self._seen_ns:
                return
            if time.time_ns() - changed_ns > _CLOCK_TICK_NS:  # else another change may bear the same time
                self._seen_ns = changed_ns
            names = os.listdir(self.path)
        except OSError:  # the target has removed it: no more agents
            return
        for name in sorted(names):
            if name.endswith(".ring"):
                try:
                    yield int(name.split("-")[0]), AgentChannel(os.path.join(self.path, name))
                except (OSError, ValueError):
                    continue

    def remove(self) -> None:
        """Remove the directory; an agent that came too late to be met is told to go, and none can come any more."""
        for _ in range(_TRIES):
            try:
                self._dismiss_strangers()
                os.rmdir(self.path)
            except FileNotFoundError:
                return
            except OSError:  # one more has come meanwhile
                continue
            return
        _remove(self.path)

    def _dismiss_strangers(self) -> None:
        for name in os.listdir(self.path):
            path = os.path.join(self.path, name)
            try:
                channel = AgentChannel(path)
                channel.dismiss()
                channel.close()
            except (OSError, ValueError):  # it is still being made: it cannot get its name without the file
                with suppress(OSError):
                    os.unlink(path)


def _make() -> str:
    import tempfile  # here, for where memory can be read nobody needs it

    problem: OSError | None = None
    for place in _PLACES:
        try:
            path = tempfile.mkdtemp(prefix=f"iobound-{os.getpid()}-", dir=place)
            _require_space(path)
        except OSError as error:
            problem = error
            continue
        return path
    raise problem or OSError("no temporary directory")


def _require_space(path: str) -> None:
    """A directory on a full disk is of no use."""
    probe = os.path.join(path, "probe")
    try:
        with open(probe, "wb") as file:
            file.write(bytes(1 << 16))
        os.unlink(probe)
    except OSError:
        _remove(path)
        raise


def _remove(path: str) -> None:
    import shutil

    shutil.rmtree(path, ignore_errors=True)
