"""Which children of a program are not judged yet, because they may turn out to be what starts an observer."""

from __future__ import annotations

import os
import sys
import threading
import time

import pytest

from iobound.verbs.observe.observers import is_observer, is_unsettled
from iobound.verbs.observe.sources import linux_proc
from iobound.verbs.observe.starting import MARK, _start_unnoticed

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")

LATER_NS = 6_000_000_000


def test_who_has_long_been_there_is_settled():
    assert not is_unsettled(os.getpid(), time.monotonic_ns() + LATER_NS)
    assert not is_observer(os.getpid())


def test_who_is_gone_is_not_waited_for():
    assert not is_unsettled(2**22 + 1, time.monotonic_ns())


def test_what_runs_a_shell_is_unsettled_but_not_for_ever(tmp_path):
    end = tmp_path / "end"
    script = MARK + b"\nuntil [ -e %s ]; do sleep 0.01; done" % os.fsencode(end)
    maker = threading.Thread(target=_start_unnoticed, args=(script,))
    maker.start()
    try:
        children: list[int] = []
        while not children and maker.is_alive():
            threads = [maker.native_id] if maker.native_id else []
            children = linux_proc.children_of(os.getpid(), threads)
        (child,) = children
        assert is_unsettled(child, time.monotonic_ns())
        assert not is_unsettled(child, time.monotonic_ns() + LATER_NS)
    finally:
        end.touch()
        maker.join()
