"""The machine as a whole."""

from iobound.verbs.observe.sources.psutil_host import Host


def test_there_is_nothing_to_say_before_the_first_marks_are_set():
    assert Host().look() is None


def test_throttling_and_pressure_are_counted_from_look_to_look():
    host = Host()
    host.begin()
    first, second = host.look(), host.look()
    for look in (first, second):
        assert look is not None
        assert look.throttled_ns is None or look.throttled_ns >= 0
    assert second.time > first.time
