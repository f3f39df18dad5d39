"""What every source of facts about the machine does: psutil with the kernel's files, and the fake."""

from __future__ import annotations

import time

import pytest

from iobound.verbs.observe.sources.psutil_host import Host


@pytest.fixture(params=["psutil", "fake"])
def host(request, fake_host):
    return Host() if request.param == "psutil" else fake_host


def test_there_is_nothing_to_say_before_the_first_marks(host):
    assert host.look() is None


def test_shares_are_shares_and_time_goes_on(host):
    host.begin()
    looks = []
    for _ in range(2):
        end = time.monotonic() + 0.1
        while time.monotonic() < end:
            pass
        looks.append(host.look())
    assert looks[0].time < looks[1].time
    for look in looks:
        for share in (look.busy, look.iowait, look.steal, look.cpu_pressure, look.io_pressure):
            assert share is None or 0 <= share <= 1
        assert look.busy > 0
        assert look.busy + (look.iowait or 0) <= 1 + 1e-9
        assert look.throttled_ns is None or look.throttled_ns >= 0
