"""The seven methods: each with its own number, or `unavailable`."""

from __future__ import annotations

import advise_stories as stories
from advise_stories import DISK, FILE, NET, NS, PY, SLEEP, function_time, heard, ns, told, with_stacks

from iobound.model.breakdown import Hotspot, SystemCall, Totals, Wait
from iobound.model.recording import Capability
from iobound.model.source_facts import FindingFact
from iobound.verbs import advise


def asked(run, recording=None):
    recording = recording or heard()
    evidence = advise.evidence(run, recording, advise.verdict(run, recording))
    return {each.method: each for each in evidence}


def downloads():
    spots = (
        Hotspot(FILE, 14, 8, "download", "urllib.request.urlopen", 8 * NS, ns({NET: 8.0}), 8 * NS),
        Hotspot(FILE, 15, 8, "download", "", NS, ns({PY: 1.0}), NS),
    )
    waits = (Wait(NET, "10.0.0.1:80", 8 * NS, 8 * NS, 90, FILE, 14),)
    return told(
        {NET: 8.0, PY: 2.0}, hotspots=spots, waits=waits, functions=(function_time("download", {NET: 8.0, PY: 1.0}),),
        sites=[stories.site_of("download", {NET: 8.0, PY: 1.0}, 10.0, items=90)],
        totals=Totals(cpu_ns=2 * NS, voluntary=200, involuntary=50, read_bytes=3 << 20, write_bytes=0, iowait=0.0),
    )  # fmt: skip


def test_names_tell_the_calls_that_dominate():
    names = asked(downloads())["names"]
    assert names.says == "io"
    assert "urllib.request.urlopen (80 %)" in names.text


def found_at(*places):
    """A recording with findings of these rules at these lines."""
    findings = tuple(FindingFact(rule, FILE, line, 0, line, 9, "warning", "it waits") for rule, line in places)
    return heard()._replace(facts=heard().facts._replace(findings=findings))


def test_names_tell_what_the_source_says_where_most_time_is():
    recording = found_at(("IOB301", 14), ("IOB201", 31), ("IOB401", 40))
    run = downloads()._replace(finding_ns=(8 * NS, 9 * NS, None))
    assert asked(run, recording)["names"].text.endswith("; the source has IOB201 at app.py:31 (90 %)")


def test_names_tell_nothing_of_what_took_no_time():
    recording = found_at(("IOB301", 14), ("IOB401", 40))
    run = downloads()._replace(finding_ns=(NS // 2, None))
    assert "IOB" not in asked(run, recording)["names"].text


def test_names_tell_what_the_source_says_of_own_lines_too():
    spot = Hotspot(FILE, 5, 4, "main", "", 9 * NS, ns({PY: 9.0}), 9 * NS)
    names = asked(told({PY: 10.0}, hotspots=(spot,), finding_ns=(9 * NS,)), found_at(("IOB104", 5)))["names"]
    assert names.text.endswith("in no call; the source has IOB104 at app.py:5 (90 %)")


def test_own_lines_are_told_when_no_call_dominates():
    spot = Hotspot(FILE, 5, 4, "main", "", 9 * NS, ns({PY: 9.0}), 9 * NS)
    names = asked(told({PY: 10.0}, hotspots=(spot,)))["names"]
    assert (names.says, names.text) == ("cpu", "90 % of the wall time is in the program's own lines, in no call")


def test_waits_tell_explicit_sleeps():
    run = told({SLEEP: 8.0, PY: 2.0}, waits=(Wait(SLEEP, "", 8 * NS, 8 * NS, 8, FILE, 20),))
    waits = asked(run)["waits"]
    assert waits.says == "sleep"
    assert "8.0 s of the wall time" in waits.text
    assert "app.py:20" in waits.text


def test_trace_tells_the_path_outermost_first():
    recording = with_stacks(heard(), ("main", "fetch_all", "download"), 14)
    trace = asked(downloads(), recording)["trace"]
    assert (
        "main → fetch_all → download (app.py:14) leads to 8.0 s of waiting for the network for 10.0.0.1:80"
        in trace.text
    )


def test_trace_survives_stacks_that_run_in_a_circle():
    recording = with_stacks(heard(), ("main", "download"), 14)
    nodes = (recording.stacks[0], recording.stacks[1]._replace(caller=2), recording.stacks[2])
    assert "app.py:14" in asked(downloads(), recording._replace(stacks=nodes))["trace"].text


def test_profile_compares_wall_and_cpu_time():
    profile = asked(downloads())["profile"]
    assert profile.says == "io"
    assert "10.0 s of wall time and 2.0 s of CPU time" in profile.text
    assert "download itself 9.0 s of wall time, of which 1.0 s on a CPU" in profile.text


def test_instrument_tells_calls_and_their_mean():
    assert "was called 90 times, 100 ms each" in asked(downloads())["instrument"].text


def test_resources_tell_rates_and_why_iowait_of_processes_is_not_used():
    text = asked(downloads())["resources"].text
    assert "per second it blocked 20 times and was taken off its CPU 5 times" in text
    assert "disks gave 3 MiB and took 0 bytes" in text
    assert "delay accounting is off" in text


def test_resources_tell_throttling():
    run = told({PY: 2.0, stories.NOCPU: 8.0}, totals=Totals(cpu_ns=2 * NS, voluntary=5, throttled_ns=7 * NS))
    resources = asked(run)["resources"]
    assert resources.says == "starved"
    assert "quota held it back for 7.0 s" in resources.text


def in_calls(*calls):
    return told({PY: 2.0, NET: 5.0, SLEEP: 3.0})._replace(system_calls=calls)


def test_syscalls_tell_what_the_run_was_blocked_in_and_how_long_in_nothing():
    calls = (
        SystemCall("recvfrom", "10.0.0.1:80", NET, 5 * NS, 5 * NS),
        SystemCall("clock_nanosleep", "", SLEEP, 3 * NS, 3 * NS),
        SystemCall("", "", PY, 2 * NS, 2 * NS),
        SystemCall("futex", "", stories.LOCK, 0, 9 * NS),
    )
    found = asked(in_calls(*calls))["syscalls"]
    assert found.text == (
        "system calls that it was blocked in: recvfrom 5.0 s on 10.0.0.1:80, clock_nanosleep 3.0 s; "
        "in none, computing or wanting to, 2.0 s"
    )
    assert found.says == "mixed"


def test_syscalls_do_not_repeat_the_verdict():
    """They say what they show, whatever the verdict goes by."""
    found = asked(in_calls(SystemCall("fsync", "/data", DISK, 9 * NS, 9 * NS), SystemCall("", "", PY, NS, NS)))
    assert (found["syscalls"].says, advise.verdict(in_calls(), heard()).bound.value) == ("io", "mixed")


def test_waits_say_nothing_of_what_is_no_explicit_wait():
    waits = asked(told({PY: 10.0}))["waits"]
    assert waits.says == "inconclusive"
    assert waits.text == "no explicit sleep was seen, and threads hardly stand in line for locks"


def test_what_the_machine_does_not_offer_is_said():
    blind = heard()._replace(capabilities=(Capability("syscalls", "procfs", False, "/proc is not readable"),))
    found = asked(told({PY: 5.0}), blind)
    silent = {method for method, each in found.items() if each.says == "unavailable"}
    assert silent == {"names", "trace", "instrument", "resources", "syscalls"}
    assert found["syscalls"].text.endswith("/proc is not readable")
