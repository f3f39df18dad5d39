"""Layouts of the interpreters that the target runs: of our own at once, of others by asking them."""

from __future__ import annotations

import os
import re
import time
from typing import TYPE_CHECKING, cast

import iobound
from iobound.verbs.observe.sources.gil_memory import GilLocation
from iobound.verbs.observe.sources.interpreter_layout import Layout, own_layout

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterable

_PYTHON = re.compile(r"python3(\.\d+)?")
_PATIENCE_S = 10.0
_PROGRAM = """
import sys, types
for name in ("iobound", "iobound.verbs", "iobound.verbs.observe", "iobound.verbs.observe.sources"):
    package = sys.modules[name] = types.ModuleType(name)
    package.__path__ = [sys.argv[1] + "/" + name.replace(".", "/")]
from iobound.verbs.observe.sources.interpreter_layout import told
print(told())
"""
"""The packages are stood in for: two modules are needed, all others would take ten times as long to load."""


class Layouts:
    """Knows the layout of each interpreter by the file that its processes execute."""

    def __init__(self) -> None:
        self._known: dict[str, Layout | None] = {}
        self._asked: dict[str, tuple[subprocess.Popen[bytes], float]] = {}
        self._own_image = _image_of_this()
        self.own = self._known[self._own_image] = own_layout()

    def of(self, image: str, gil: GilLocation) -> Layout | None:
        """The layout of a process that executes this file and has its GIL there.

        None where there is none, or not yet: another interpreter than ours is run once for it, with nothing of the
        target's, and has an answer a moment later.
        """
        if image not in self._known:
            self._ask(image)
        layout = self._known.get(image)
        fits = layout is not None and (layout.gil.file, layout.gil.file_delta) == (gil.file, gil.file_delta)
        return layout if fits else None

    def knows(self, image: str) -> bool:
        """Whether nobody needs to be asked any more."""
        return image in self._known

    @property
    def asked(self) -> frozenset[str]:
        """Of whom an answer is still to come."""
        return frozenset(self._asked)

    def is_pending(self, image: str) -> bool:
        """Whether an answer is still to come."""
        return image in self._asked

    def _ask(self, image: str) -> None:
        if image not in self._asked:
            if not _PYTHON.fullmatch(os.path.basename(image)):
                self._known[image] = None  # a program with an interpreter in it: no telling what it would do
                return
            try:
                self._asked[image] = _started(image), time.monotonic()
            except OSError:
                self._known[image] = None
            return
        process, asked_s = self._asked[image]
        if process.poll() is None:
            if time.monotonic() - asked_s > _PATIENCE_S:
                process.kill()
            return
        del self._asked[image]
        output, _ = process.communicate()
        self._known[image] = _understood(output)

    def close(self) -> None:
        """Wait for nobody any more."""
        for process, _ in self._asked.values():
            process.kill()
            process.communicate()
        self._asked.clear()


def _image_of_this() -> str:
    try:
        return os.readlink("/proc/self/exe")
    except OSError:
        return ""


def _started(image: str) -> subprocess.Popen[bytes]:
    import subprocess

    home = os.path.dirname(os.path.dirname(os.path.abspath(iobound.__file__)))
    return subprocess.Popen(
        [image, "-I", "-S", "-B", "-c", _PROGRAM, home],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={},
        cwd="/",
    )


def _understood(output: bytes) -> Layout | None:
    import json

    try:
        fields = json.loads(output)
        major, minor = _integers(fields.pop("version"))
        return Layout(
            version=(major, minor),
            gil=_location(**fields.pop("gil")),
            frame_of_thread=_integers(fields.pop("frame_of_thread")),
            ways_to_name=tuple(map(_integers, fields.pop("ways_to_name"))),
            types={str(name): _integers([delta])[0] for name, delta in fields.pop("types").items()},
            **dict(zip(fields, _integers(fields.values()), strict=True)),
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _location(address: int, native_id_offset: int, file: str, file_delta: int) -> GilLocation:
    _integers([address, native_id_offset, file_delta])
    return GilLocation(address, native_id_offset, str(file), file_delta)


def _integers(values: Iterable[object]) -> tuple[int, ...]:
    numbers = tuple(values)
    if not all(type(number) is int for number in numbers):
        raise TypeError("not numbers")
    return cast("tuple[int, ...]", numbers)
