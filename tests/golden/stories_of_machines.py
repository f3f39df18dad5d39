"""Stories whose answer is in the phases of the run, and in the machine; in the words that real programs are told in."""

from __future__ import annotations

from stories import CWD, MS, Actor, Cast, S, breakdown_of, curve, held, recording_of, seven

from iobound.model.breakdown import Hotspot, Interval, Phase, Site, Wait
from iobound.model.diagnosis import Advice, Bound, Diagnosis, Verdict
from iobound.model.prediction import Estimate, Strategy
from iobound.model.recording import Channel, Kind, Place
from iobound.model.source_facts import FindingFact, SourceFacts
from iobound.model.state import State, shares_of


def two_phases() -> Diagnosis:
    """A program that downloads for half of its time, then computes; two of its checks fail."""
    file = f"{CWD}/rank_pages.py"
    places = (
        Place(file, "<module>", 1, 46, 4, 46, 10),
        Place(file, "main", 24, 28, 21, 28, 36),
        Place(file, "fetch", 11, 13, 9, 13, 40),
        Place(file, "main", 24, 31, 17, 31, 28),
        Place(file, "score", 19, 21, 11, 21, 60),
    )
    fetching = (State.WAIT_NETWORK, 60, (0, 1, 2), 1)
    main = Actor(
        "MainThread",
        (*((fetching, (State.CPU_PYTHON, 1, (0, 1, 2), 0)) * 50), (State.CPU_PYTHON, 2_950, (0, 3, 4), 0)),
    )
    casts = (Cast(7001, "python rank_pages.py", (main,)),)
    recording, timeline = recording_of(
        casts, places, (Channel("recvfrom", Kind.INTERNET, "10.0.0.9:80"),), command=("rank_pages.py",), wall_ns=6 * S
    )
    message = "each iteration waits for `fetch` (the network), and none needs another's result (collects into `pages`)"
    finding = FindingFact("IOB201", file, 27, 4, 28, 36, "warning", message, "overlap them: `ThreadPoolExecutor().map`")
    recording = recording._replace(facts=SourceFacts(findings=(finding,)))
    fetches = Site(
        file, 28, 21, "main", "fetch", None, 50.0, 49, 3_050 * MS, 3_050 / 6_000, Interval(0.49, 0.53),
        {State.WAIT_NETWORK: 3_000 * MS, State.CPU_PYTHON: 50 * MS}, "yes", ("collects into `pages`",),
    )  # fmt: skip
    scores = Site(
        file, 31, 17, "main", "score", None, 200.0, 198, 2_950 * MS, 2_950 / 6_000, Interval(0.47, 0.51),
        {State.CPU_PYTHON: 2_950 * MS}, "yes", ("adds up in `total`",),
    )  # fmt: skip
    breakdown = breakdown_of(
        casts, main.budget,
        sites=(fetches, scores),
        phases=(
            Phase(0, 3_050 * MS, shares_of({State.WAIT_NETWORK: 60, State.CPU_PYTHON: 1})),
            Phase(3_050 * MS, 6 * S, shares_of({State.CPU_PYTHON: 1})),
        ),
        hotspots=(
            Hotspot(file, 13, 9, "fetch", "socket.recv", 3_000 * MS, {State.WAIT_NETWORK: 3_000 * MS}, 3_000 * MS),
            Hotspot(file, 21, 11, "score", "math.isqrt", 2_950 * MS, {State.CPU_PYTHON: 2_950 * MS}, 2_950 * MS),
        ),
        waits=(Wait(State.WAIT_NETWORK, "10.0.0.9:80 (http)", 3_000 * MS, 3_000 * MS, 50, file, 13),),
        finding_ns=(3_050 * MS,),
    )  # fmt: skip
    diagnosis = Diagnosis(
        recording,
        timeline,
        breakdown,
        Verdict(
            Bound.MIXED, State.WAIT_NETWORK, 0.5, 0.48, 0.52,
            "waiting for the network takes 50 % of its wall time, computing in Python 50 %: one after the other",
        ),
        (
            Advice(
                Strategy.THREADS, 8, 0, Estimate(1.8, 1.6, 1.9),
                "`fetch` ran 50 times; each waits 60 ms. Waits overlap in threads. 8 at a time make the program "
                "1.8 × (1.6 to 1.9) as fast; then the rest of the program is the limit.",
                ("run the loop through a thread pool",),
                "from concurrent.futures import ThreadPoolExecutor\n\n"
                "with ThreadPoolExecutor(max_workers=8) as pool:\n"
                "    pages.extend(pool.map(fetch, names))\n",
                ("collects into `pages`",),
            ),
            Advice(
                Strategy.PROCESSES, 2, 1, Estimate(1.3, 1.2, 1.4),
                "`score` ran 200 times; each computes 15 ms in Python, which threads cannot share. 2 at a time make "
                "the program 1.3 × (1.2 to 1.4) as fast.",
                ("run the loop through a process pool",),
            ),
        ),
        (
            *curve(0, Strategy.THREADS, {2: 1.3, 8: 1.8}, "rest_of_program", None),
            *curve(1, Strategy.PROCESSES, {2: 1.3}, "cpus", 2),
        ),
        seven({"profile": ("mixed", 0.9, "fetch waits for half of the time, score computes for the other.")}),
        phase_bounds=(Bound.IO, Bound.CPU),
    )  # fmt: skip
    return held(diagnosis, "wait_network<0.4", "unknown<0.1", "totals.throttled_s<1")


def starved() -> Diagnosis:
    """A program that would compute on two CPUs and has a quota of a half."""
    file = f"{CWD}/encode.py"
    places = (Place(file, "<module>", 1, 30, 0, 30, 6), Place(file, "encode", 8, 17, 8, 17, 52))
    main = Actor("MainThread", ((State.CPU_PYTHON, 50, (0, 1), 0), (State.WAIT_CPU, 50, (0, 1), 0)), repeat=80)
    casts = (Cast(8001, "python encode.py in.wav", (main,)),)
    recording, timeline = recording_of(casts, places, (), command=("encode.py", "in.wav"), wall_ns=8 * S)
    recording = recording._replace(machine=recording.machine._replace(effective_cpus=0.5))
    breakdown = breakdown_of(
        casts, main.budget,
        hotspots=(Hotspot(file, 17, 8, "encode", "", 8 * S, {**main.budget}, 8 * S),),
        waits=(Wait(State.WAIT_CPU, "", 4 * S, 4 * S, 80, file, 17),),
    )  # fmt: skip
    breakdown = breakdown._replace(totals=breakdown.totals._replace(throttled_ns=4 * S))
    return Diagnosis(
        recording,
        timeline,
        breakdown,
        Verdict(
            Bound.STARVED, State.WAIT_CPU, 0.5, 0.48, 0.52,
            "starved of CPU: it got no CPU for 50 % of the time in which it could have computed; its quota is 0.5 of "
            "8 CPUs",
        ),
        (
            Advice(
                Strategy.RAISE_CPU_LIMIT, 1, None, Estimate(1.9, 1.6, 2.1),
                "50 % of the time that wanted a CPU got none: the quota of its container was used up. More workers "
                "cannot help: they would share the same CPUs.",
                ("give it more CPUs (container limit, affinity), or run it where fewer programs compete for them",),
            ),
        ),
        (),
        seven({"resources": ("starved", 0.9, "The cgroup was throttled for 4 s of 8 s.")}),
    )  # fmt: skip
