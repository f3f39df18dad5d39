"""One Diagnosis per story, as real programs give them: what every report format is tried on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from iobound.model.breakdown import (
    Breakdown,
    EventLoop,
    Hotspot,
    Interval,
    LoopBlock,
    Phase,
    ProcessBudget,
    Site,
    ThreadBudget,
    Totals,
    Wait,
)
from iobound.model.diagnosis import METHODS, Advice, Bound, Diagnosis, Evidence, Verdict
from iobound.model.prediction import Estimate, Prediction, Strategy
from iobound.model.recording import (
    Capability,
    Channel,
    Effort,
    Interpreter,
    Kind,
    LoopLooks,
    Machine,
    Marks,
    Place,
    ProcessRecord,
    Recording,
    StackLooks,
    StackNode,
    ThreadRecord,
)
from iobound.model.source_facts import FindingFact, SourceFacts
from iobound.model.state import Budget, State, shares_of
from iobound.model.timeline import Episode, Episodes, Instant, ThreadTimeline, Timeline
from iobound.pipeline import gating

MS = 1_000_000
S = 1_000 * MS
START = 500 * S
CWD = "/home/ann/project"

SEEN = (
    Capability("thread_states", "procfs", True),
    Capability("gil", "gil_probe", True),
    Capability("python_stacks", "agent", True),
    Capability("pressure", "psi", False, "this kernel was built without pressure stall information"),
)


@dataclass(frozen=True)
class Actor:
    """A thread of a story: what it does in turn, as (state, milliseconds, stack of place numbers, channel)."""

    name: str
    acts: tuple[tuple[State, int, tuple[int, ...], int], ...]
    repeat: int = 1
    begin_ms: int = 0

    @property
    def budget(self) -> Budget:
        """Time by state over the whole life."""
        total: dict[State, int] = {}
        for state, length, _, _ in self.acts:
            total[state] = total.get(state, 0) + length * MS * self.repeat
        return total

    @property
    def lifetime_ns(self) -> int:
        """Time from first to last act."""
        return sum(self.budget.values())


@dataclass(frozen=True)
class Cast:
    """A process of a story with its threads; the first is its main thread."""

    pid: int
    command: str
    actors: tuple[Actor, ...]
    python: bool = True
    parent: int = 1000
    exit_code: int | None = 0


@dataclass
class Stage:
    """Interns stacks of a story and turns its actors into a recording with its timeline."""

    places: tuple[Place, ...]
    stacks: list[StackNode] = field(default_factory=lambda: [StackNode(0, 0)])
    known: dict[tuple[int, int], int] = field(default_factory=dict)

    def stack(self, places: tuple[int, ...]) -> int:
        """Number of the stack with these places, outermost first."""
        node = 0
        for place in places:
            key = (node, place)
            if key not in self.known:
                self.stacks.append(StackNode(node, place))
                self.known[key] = len(self.stacks) - 1
            node = self.known[key]
        return node

    def episodes(self, actor: Actor) -> tuple[Episode, ...]:
        """The acts one after another."""
        found, now = [], START + actor.begin_ms * MS
        for _ in range(actor.repeat):
            for state, length, places, channel in actor.acts:
                found.append(Episode(now, length * MS, state, self.stack(places), channel, max(1, length // 5)))
                now += length * MS
        return tuple(found)


def recording_of(
    casts: tuple[Cast, ...],
    places: tuple[Place, ...],
    channels: tuple[Channel, ...],
    *,
    command: tuple[str, ...],
    wall_ns: int,
    capabilities: tuple[Capability, ...] = SEEN,
    notes: tuple[str, ...] = (),
    effort: Effort | None = None,
    exit_code: int | None = 0,
) -> tuple[Recording, Timeline]:
    """A recording with as much in it as reports look at, and its timeline."""
    stage = Stage(places)
    timelines = tuple(
        ThreadTimeline(process, thread, Episodes.of(stage.episodes(actor)))
        for process, cast in enumerate(casts)
        for thread, actor in enumerate(cast.actors)
    )
    main = timelines[0].episodes
    timeline = Timeline(timelines, tuple(Instant(e.start_ns, e.duration_ns, e.state, 0) for e in main))
    looks = wall_ns // (5 * MS)
    recording = Recording(
        iobound="0.1.0",
        created="2026-11-22T10:00:00Z",
        command=command,
        cwd=CWD,
        interpreter=Interpreter("cpython", "3.13.0", gil_enabled=True, free_threaded_build=False),
        machine=Machine("Linux", cpus=8, effective_cpus=2.0, limited_by="cgroup", memory_bytes=8 * 2**30),
        capabilities=capabilities,
        start_ns=START,
        end_ns=START + wall_ns,
        exit_code=exit_code,
        signal=None,
        processes=tuple(_process_record(cast) for cast in casts),
        channels=(Channel("", Kind.UNKNOWN), *channels),
        places=places,
        stacks=tuple(stage.stacks),
        host=(),
        effort=effort or Effort(wall_ns // 400, 5 * MS, looks, looks - looks // 200, 0, 0, inside_looks=looks),
        notes=notes,
    )
    return recording, timeline


def _process_record(cast: Cast) -> ProcessRecord:
    return ProcessRecord(
        pid=cast.pid,
        parent=cast.parent,
        command=cast.command,
        python=cast.python,
        agent=cast.python,
        start_ns=START,
        end_ns=START + max(actor.lifetime_ns for actor in cast.actors),
        threads=tuple(_thread_record(cast.pid + index, actor) for index, actor in enumerate(cast.actors)),
        exit_code=cast.exit_code,
        read_bytes=0,
        write_bytes=4096,
        voluntary=300,
        involuntary=12,
    )


def _thread_record(native_id: int, actor: Actor) -> ThreadRecord:
    cpu = sum(time for state, time in actor.budget.items() if state in (State.CPU_PYTHON, State.CPU_NATIVE))
    begin = START + actor.begin_ms * MS
    return ThreadRecord(
        native_id, actor.name, begin, begin + actor.lifetime_ns, cpu, 0, Marks(), StackLooks(), LoopLooks()
    )


def budgets_of(casts: tuple[Cast, ...]) -> tuple[ProcessBudget, ...]:
    """Budgets of the processes, each that of its first thread."""
    return tuple(
        ProcessBudget(
            index,
            cast.actors[0].lifetime_ns,
            cast.actors[0].budget,
            tuple(
                ThreadBudget(actor.name, cast.pid + number, actor.lifetime_ns, actor.budget)
                for number, actor in enumerate(cast.actors)
            ),
        )
        for index, cast in enumerate(casts)
    )


def breakdown_of(casts: tuple[Cast, ...], whole: Budget, *, blur: float = 0.02, **fields: object) -> Breakdown:
    """A breakdown whose shares are those of `whole`, give or take `blur`."""
    shares = shares_of(whole)
    wall_ns = sum(whole.values())
    base = Breakdown(
        wall_ns=wall_ns,
        shares=shares,
        intervals={
            state: Interval(max(0.0, share - blur), min(1.0, share + blur)) if share else Interval(0.0, 0.0)
            for state, share in shares.items()
        },
        processes=budgets_of(casts),
        phases=(),
        hotspots=(),
        functions=(),
        waits=(),
        sites=(),
        event_loops=(),
        totals=Totals(
            cpu_ns=whole.get(State.CPU_PYTHON, 0) + whole.get(State.CPU_NATIVE, 0),
            voluntary=300,
            involuntary=12,
            peak_rss_bytes=41 * 2**20,
        ),
        looks=wall_ns // (5 * MS),
        independent_looks=400.0,
    )
    return base._replace(**fields)  # type: ignore[arg-type]


def seven(texts: Mapping[str, tuple[str, float, str]]) -> tuple[Evidence, ...]:
    """All seven kinds of evidence in their order; those that are not given are unavailable."""
    missing = ("unavailable", 0.0, "not to be had on this machine")
    return tuple(Evidence(method, *texts.get(method, missing)) for method in METHODS)


def curve(
    site: int, strategy: Strategy, points: Mapping[int, float], bottleneck: str, saturates_at: int | None
) -> tuple[Prediction, ...]:
    """Predictions by workers, each give or take a tenth."""
    return tuple(
        Prediction(site, strategy, workers, Estimate(s, s * 0.9, s * 1.08), s * 1.02, bottleneck, saturates_at)
        for workers, s in points.items()
    )


def held(diagnosis: Diagnosis, *checks: str) -> Diagnosis:
    """The diagnosis with these checks, told as `--check` tells them."""
    return gating.held(diagnosis, gating.of_run(checks))


def sequential_io() -> Diagnosis:
    """120 downloads one after another."""
    places = (
        Place(f"{CWD}/download_all.py", "<module>", 1, 34, 4, 34, 10),
        Place(f"{CWD}/download_all.py", "main", 22, 31, 8, 31, 21),
        Place(f"{CWD}/download_all.py", "download", 11, 14, 11, 14, 38),
        Place("/usr/lib/python3.13/urllib/request.py", "urlopen", 189, 215, 11, 215, 45),
        Place("/usr/lib/python3.13/socket.py", "SocketIO.readinto", 708, 719, 23, 719, 47),
        Place(f"{CWD}/download_all.py", "parse", 17, 19, 11, 19, 30),
    )
    fetch = (0, 1, 2, 3, 4)
    main = Actor(
        "MainThread",
        (
            (State.CPU_PYTHON, 4, (0, 1, 2, 3), 0),
            (State.WAIT_NETWORK, 91, fetch, 1),
            (State.CPU_PYTHON, 3, (0, 1, 5), 0),
            (State.WAIT_DISK, 2, (0, 1, 2), 2),
            (State.UNKNOWN, 1, (), 0),
        ),
        repeat=120,
    )
    casts = (Cast(1001, "python download_all.py urls.txt", (main,)),)
    channels = (Channel("recvfrom", Kind.INTERNET, "files.example.org:443"), Channel("write", Kind.FILE, "out"))
    recording, timeline = recording_of(
        casts, places, channels, command=("download_all.py", "urls.txt"), wall_ns=main.lifetime_ns
    )
    whole = main.budget
    inside = {State.CPU_PYTHON: 480 * MS, State.WAIT_NETWORK: 10_920 * MS, State.WAIT_DISK: 240 * MS}
    site = Site(
        f"{CWD}/download_all.py", 31, 8, "main", "download", None, 120.0, 118, 11_640 * MS,
        11_640 * MS / main.lifetime_ns, Interval(0.94, 0.97), inside, "yes",
    )  # fmt: skip
    findings = tuple(
        FindingFact(rule, f"{CWD}/download_all.py", line, 4, last, 40, severity, message, hint)
        for rule, line, last, severity, message, hint in (
            ("IOB201", 30, 32, "warning", "each of these calls of `download` waits for the one before",
             "let them overlap: `ThreadPoolExecutor().map(download, urls)`"),
            ("IOB712", 19, 19, "info", "`json.loads` is called for each item", ""),
            ("IOB301", 44, 44, "error", "`retry` sleeps while it holds the lock", "sleep outside of the `with`"),
            ("IOB801", 46, 46, "info", "these threads are never joined", "join them"),
        )
    )  # fmt: skip
    recording = recording._replace(facts=SourceFacts(findings=findings))
    breakdown = breakdown_of(
        casts,
        whole,
        finding_ns=(11_640 * MS, 360 * MS, None, None),
        sites=(site,),
        hotspots=(
            Hotspot(
                f"{CWD}/download_all.py", 14, 11, "download", "urllib.request.urlopen",
                11_400 * MS, {State.CPU_PYTHON: 480 * MS, State.WAIT_NETWORK: 10_920 * MS}, 11_400 * MS,
            ),
            Hotspot(
                f"{CWD}/download_all.py", 19, 11, "parse", "json.loads", 360 * MS, {State.CPU_PYTHON: 360 * MS},
                360 * MS,
            ),
            Hotspot(
                f"{CWD}/download_all.py", 15, 8, "download", "open", 240 * MS, {State.WAIT_DISK: 240 * MS}, 240 * MS
            ),
        ),
        waits=(
            Wait(
                State.WAIT_NETWORK, "files.example.org:443 (https)", 10_920 * MS, 10_920 * MS, 120,
                f"{CWD}/download_all.py", 14,
            ),
            Wait(State.WAIT_DISK, f"{CWD}/out/0001.json", 240 * MS, 240 * MS, 96, f"{CWD}/download_all.py", 15),
        ),
    )  # fmt: skip
    return Diagnosis(
        recording,
        timeline,
        breakdown,
        Verdict(
            Bound.IO, State.WAIT_NETWORK, 0.921, 0.903, 0.938, "it waits for the network, one download at a time."
        ),
        (
            Advice(
                Strategy.THREADS, 16, 0, Estimate(11.2, 8.9, 12.4),
                "each of 120 downloads waits 91 ms and computes 4 ms; the waits overlap on threads, and the GIL is "
                "full at 25 of them. This assumes that files.example.org answers 16 requests at once.",
                (
                    "Replace the loop at line 31 by ThreadPoolExecutor(max_workers=16).map(download, urls).",
                    "Write results in the calling thread, or give each download its own file.",
                ),
                "from concurrent.futures import ThreadPoolExecutor\n\n"
                "with ThreadPoolExecutor(max_workers=16) as pool:\n"
                "    for url, body in zip(urls, pool.map(download, urls)):\n"
                "        save(url, parse(body))\n",
                ("the far side may limit requests: start with 4 and watch for refusals",),
            ),
            Advice(
                Strategy.ASYNCIO, 16, 0, Estimate(10.9, 8.1, 12.4),
                "the same waits overlap as tasks; it needs an asynchronous HTTP client in place of urllib.",
            ),
        ),
        (
            *curve(0, Strategy.THREADS, {2: 1.9, 4: 3.6, 8: 6.6, 16: 11.2, 32: 13.1}, "rest_of_program", 25),
            *curve(0, Strategy.ASYNCIO, {2: 1.9, 4: 3.6, 8: 6.5, 16: 10.9, 32: 12.8}, "rest_of_program", 24),
            *curve(0, Strategy.PROCESSES, {2: 1.8, 4: 3.3, 8: 5.4, 16: 7.0, 32: 6.1}, "start_up", None),
        ),
        seven(
            {
                "names": ("io", 0.9, "92.1 % of wall time is below urllib.request.urlopen, which is a network call."),
                "waits": ("io", 0.2, "No time.sleep and no explicit wait was seen."),
                "trace": ("io", 0.8, "main → download → urlopen → readinto leads to 91.3 % of the waiting."),
                "profile": ("io", 0.9, "download: 11.6 s wall time, 480 ms CPU time (4.1 %)."),
                "instrument": ("io", 0.7, "118 calls of download were timed: median 96 ms, 90 % under 110 ms."),
                "resources": ("io", 0.5, "300 voluntary against 12 involuntary context switches; iowait 0.2 %."),
                "syscalls": ("io", 0.95, "The main thread was blocked in recvfrom at 2,180 of 2,424 looks."),
            }
        ),
        phase_bounds=(),
    )  # fmt: skip


def cpu() -> Diagnosis:
    """A pure-Python computation over a list, with a check that fails."""
    places = (
        Place("primes.py", "<module>", 1, 20, 0, 20, 6),
        Place("primes.py", "main", 12, 16, 20, 16, 33),
        Place("primes.py", "count_primes", 3, 7, 11, 7, 40),
    )
    main = Actor(
        "MainThread",
        ((State.CPU_PYTHON, 99, (0, 1, 2), 0), (State.WAIT_CPU, 1, (0, 1, 2), 0)),
        repeat=64,
    )
    casts = (Cast(2001, "python primes.py", (main,)),)
    recording, timeline = recording_of(casts, places, (), command=("primes.py",), wall_ns=main.lifetime_ns)
    site = Site(
        "primes.py", 16, 20, "main", "count_primes", None, 64.0, 64, 6_390 * MS, 0.9984, Interval(0.99, 1.0),
        {State.CPU_PYTHON: 6_330 * MS, State.WAIT_CPU: 60 * MS}, "unknown", ("results are appended in order",),
    )  # fmt: skip
    breakdown = breakdown_of(
        casts, main.budget, blur=0.004, sites=(site,),
        hotspots=(Hotspot("primes.py", 7, 11, "count_primes", "", 6_390 * MS, site.budget, 6_390 * MS),),
    )  # fmt: skip
    diagnosis = Diagnosis(
        recording,
        timeline,
        breakdown,
        Verdict(Bound.CPU, State.CPU_PYTHON, 0.99, 0.986, 0.994, "it computes in Python code, on one CPU of two."),
        (
            Advice(
                Strategy.PROCESSES, 2, 0, Estimate(1.9, 1.7, 2.0),
                "99.0 % of wall time computes while it holds the GIL: threads cannot share it, processes can. "
                "Two CPUs may be used here.",
                ("Map count_primes over the numbers with ProcessPoolExecutor(max_workers=2), chunksize=8.",),
                "from concurrent.futures import ProcessPoolExecutor\n\n"
                'if __name__ == "__main__":\n'
                "    with ProcessPoolExecutor(max_workers=2) as pool:\n"
                "        totals = list(pool.map(count_primes, numbers, chunksize=8))\n",
                ("whether items are independent could not be told: results are appended in order",),
            ),
            Advice(
                Strategy.FREE_THREADING, 2, 0, Estimate(1.6, 1.2, 1.9),
                "without the GIL the same threads would run on both CPUs; that build runs Python code slower.",
            ),
            Advice(
                Strategy.RAISE_CPU_LIMIT, 8, None, Estimate(6.8, 5.2, 7.7),
                "the machine has 8 CPUs, the container may use 2 of them.",
            ),
        ),
        (
            *curve(0, Strategy.THREADS, {2: 0.95, 4: 0.92, 8: 0.9, 16: 0.88, 32: 0.85}, "gil", 1),
            *curve(0, Strategy.PROCESSES, {2: 1.9, 4: 1.85, 8: 1.8, 16: 1.6, 32: 1.3}, "cpus", 2),
        ),
        seven({"profile": ("cpu", 0.95, "count_primes: 6.39 s wall time, 6.33 s CPU time (99.1 %).")}),
    )  # fmt: skip
    return held(diagnosis, "bound=io", "unknown<0.1")


def gil_queue() -> Diagnosis:
    """Eight threads that compute in Python and queue for the GIL."""
    places = (
        Place("/usr/lib/python3.13/threading.py", "Thread._bootstrap", 1012, 1014, 8, 1014, 32),
        Place(f"{CWD}/factorials.py", "worker", 5, 9, 12, 9, 40),
        Place(f"{CWD}/factorials.py", "<module>", 1, 22, 0, 22, 12),
        Place("/usr/lib/python3.13/threading.py", "Thread.join", 1080, 1094, 12, 1094, 50),
    )
    main = Actor("MainThread", ((State.CPU_PYTHON, 20, (2,), 0), (State.WAIT_LOCK, 3980, (2, 3), 1)))
    workers = tuple(
        Actor(
            f"Thread-{number} (worker)",
            ((State.CPU_PYTHON, 5, (0, 1), 0), (State.WAIT_GIL, 35, (0, 1), 2)),
            repeat=99,
            begin_ms=20,
        )
        for number in range(1, 9)
    )
    casts = (Cast(3001, "python factorials.py", (main, *workers)),)
    channels = (Channel("futex", Kind.FUTEX, "0x7f12"), Channel("futex", Kind.GIL, ""))
    recording, timeline = recording_of(casts, places, channels, command=("factorials.py",), wall_ns=4 * S)
    whole = {State.CPU_PYTHON: 3_960 * MS, State.WAIT_GIL: 30 * MS, State.UNKNOWN: 10 * MS}
    site = Site(
        f"{CWD}/factorials.py", 9, 12, "worker", "math.factorial", None, None, 8, 3_950 * MS, 0.9875,
        Interval(0.98, 0.99), {State.CPU_PYTHON: 3_920 * MS, State.WAIT_GIL: 30 * MS}, "yes",
        concurrency=7.9, strategy_now="threads", workers_now=8,
    )  # fmt: skip
    breakdown = breakdown_of(
        casts, whole, sites=(site,), most_threads=9, gil_wait_share=0.87,
        hotspots=(
            Hotspot(
                f"{CWD}/factorials.py", 9, 12, "worker", "math.factorial", 3_950 * MS, site.budget, 31_680 * MS,
            ),
        ),
        waits=(
            Wait(State.WAIT_GIL, "GIL", 30 * MS, 27_720 * MS, 792, f"{CWD}/factorials.py", 9),
            Wait(State.WAIT_LOCK, "Thread.join", 0, 3_980 * MS, 1, f"{CWD}/factorials.py", 22),
        ),
    )  # fmt: skip
    return Diagnosis(
        recording,
        timeline,
        breakdown,
        Verdict(
            Bound.GIL, State.WAIT_GIL, 0.87, 0.85, 0.89,
            "8 threads want to compute at once and the GIL lets one: each waits 87 % of its time.",
        ),
        (
            Advice(
                Strategy.PROCESSES, 2, 0, Estimate(1.8, 1.5, 2.0),
                "the threads compute in Python: together they use one CPU of two.",
                ("Replace the threads by ProcessPoolExecutor(max_workers=2).",),
            ),
            Advice(
                Strategy.FEWER_WORKERS, 1, 0, Estimate(1.04, 0.99, 1.1),
                "one thread does the same work without handing the GIL over 200 times a second.",
            ),
        ),
        curve(0, Strategy.PROCESSES, {2: 1.8, 4: 1.8, 8: 1.7}, "cpus", 2),
        seven(
            {
                "waits": ("gil", 0.9, "87.5 % of the threads' time waits for the GIL."),
                "resources": ("gil", 0.6, "1.0 CPUs were used with 8 threads that wanted to compute."),
            }
        ),
    )  # fmt: skip


def asyncio_blocked() -> Diagnosis:
    """A crawler on asyncio that calls something blocking, after a phase of imports."""
    places = (
        Place(f"{CWD}/crawl.py", "<module>", 1, 40, 0, 40, 19),
        Place("/usr/lib/python3.13/asyncio/base_events.py", "BaseEventLoop._run_once", 1950, 2040, 16, 2040, 29),
        Place(f"{CWD}/crawl.py", "crawl", 18, 24, 15, 24, 45),
        Place("/usr/lib/python3.13/site-packages/requests/api.py", "get", 62, 73, 11, 73, 60),
        Place("/usr/lib/python3.13/selectors.py", "EpollSelector.select", 435, 452, 22, 452, 60),
        Place("<frozen importlib._bootstrap>", "_load_unlocked", 921, 935, -1, 0, -1),
    )
    main = Actor(
        "MainThread",
        (
            (State.CPU_PYTHON, 600, (0, 5), 0),
            *(((State.WAIT_NETWORK, 180, (0, 1, 2, 3), 1), (State.WAIT_NETWORK, 120, (0, 1, 4), 1)) * 18),
        ),
    )
    casts = (Cast(4001, "python crawl.py", (main,)),)
    channels = (Channel("recvfrom", Kind.INTERNET, "10.0.0.7:80"),)
    recording, timeline = recording_of(casts, places, channels, command=("crawl.py",), wall_ns=6 * S)
    blocks = tuple(
        LoopBlock(
            (600 + 300 * n) * MS, 180 * MS, State.WAIT_NETWORK, f"{CWD}/crawl.py", 24, "crawl", "requests.get"
        )
        for n in range(18)
    )  # fmt: skip
    breakdown = breakdown_of(
        casts, main.budget,
        phases=(
            Phase(0, 600 * MS, shares_of({State.CPU_PYTHON: 1}), "imports"),
            Phase(600 * MS, 6 * S, shares_of({State.WAIT_NETWORK: 1})),
        ),
        hotspots=(
            Hotspot(
                f"{CWD}/crawl.py", 24, 15, "crawl", "requests.get", 3_240 * MS, {State.WAIT_NETWORK: 3_240 * MS},
                3_240 * MS,
            ),
        ),
        waits=(Wait(State.WAIT_NETWORK, "10.0.0.7:80 (http)", 5_400 * MS, 5_400 * MS, 36, f"{CWD}/crawl.py", 24),),
        event_loops=(EventLoop("MainThread", 3_240 * MS, 180 * MS, blocks, 2_160 * MS),),
    )  # fmt: skip
    return Diagnosis(
        recording,
        timeline,
        breakdown,
        Verdict(
            Bound.IO, State.WAIT_NETWORK, 0.9, 0.88, 0.92,
            "it waits for the network, 60 % of that inside the event loop where nothing else can run.",
        ),
        (
            Advice(
                Strategy.UNBLOCK_EVENT_LOOP, None, None, Estimate(2.1, 1.6, 2.2),
                "requests.get blocks the event loop's thread 18 times for 180 ms; the other tasks wait meanwhile.",
                ("Put the call on a thread: await asyncio.to_thread(requests.get, url).",),
                "response = await asyncio.to_thread(requests.get, url)\n",
            ),
        ),
        (),
        seven({"trace": ("io", 0.9, "_run_once → crawl → requests.get blocks the loop for 54.0 % of wall time.")}),
        phase_bounds=(Bound.CPU, Bound.IO),
    )  # fmt: skip


def process_pool() -> Diagnosis:
    """A pool of processes and a helper that is not Python."""
    places = (
        Place(f"{CWD}/thumbs.py", "<module>", 1, 30, 0, 30, 6),
        Place(f"{CWD}/thumbs.py", "main", 20, 26, 15, 26, 60),
        Place("/usr/lib/python3.13/multiprocessing/pool.py", "worker", 97, 125, 21, 125, 40),
        Place(f"{CWD}/thumbs.py", "resize", 8, 12, 11, 12, 50),
    )
    main = Actor("MainThread", ((State.CPU_PYTHON, 100, (0, 1), 0), (State.WAIT_LOCK, 7_900, (0, 1), 1)))
    helpers = tuple(
        Actor(name, ((State.WAIT_IPC, 7_800, (), 2),), begin_ms=100)
        for name in ("Thread-1 (_handle_workers)", "Thread-2 (_handle_tasks)", "Thread-3 (_handle_results)")
    )
    worker = Actor(
        "MainThread",
        ((State.CPU_NATIVE, 70, (2, 3), 0), (State.CPU_PYTHON, 9, (2, 3), 0), (State.WAIT_IPC, 1, (2,), 2)),
        repeat=97,
        begin_ms=200,
    )
    pool = tuple(
        Cast(5002 + n, "python thumbs.py (ForkPoolWorker)", (worker,), parent=5001, exit_code=None) for n in range(12)
    )
    optimiser = Cast(
        5090, "optipng -o2 'in/über photo.png'",
        (Actor("optipng", ((State.CPU_NATIVE, 400, (), 0), (State.WAIT_DISK, 100, (), 3))),), python=False, parent=5001,
    )  # fmt: skip
    casts = (Cast(5001, "python thumbs.py in out", (main, *helpers)), *pool, optimiser)
    channels = (
        Channel("futex", Kind.FUTEX, "0x55d0"),
        Channel("read", Kind.PIPE, "pipe"),
        Channel("read", Kind.FILE, "in"),
    )
    recording, timeline = recording_of(
        casts, places, channels, command=("thumbs.py", "in", "out"), wall_ns=8 * S,
        notes=("12 processes asked for 2 CPUs",),
    )  # fmt: skip
    whole = {
        State.CPU_NATIVE: 6_800 * MS,
        State.CPU_PYTHON: 880 * MS,
        State.WAIT_IPC: 100 * MS,
        State.UNKNOWN: 219_500_000,
        State.WAIT_DISK: 500_000,
    }
    site = Site(
        f"{CWD}/thumbs.py", 26, 15, "main", "thumbs.resize", None, 1164.0, 1100, 7_700 * MS, 0.9625,
        Interval(0.95, 0.97), {State.CPU_NATIVE: 6_820 * MS, State.CPU_PYTHON: 880 * MS}, "yes",
        concurrency=11.6, strategy_now="processes", workers_now=12,
    )  # fmt: skip
    breakdown = breakdown_of(
        casts, whole, sites=(site,),
        hotspots=(
            Hotspot(
                f"{CWD}/thumbs.py", 12, 11, "resize", "PIL.Image.Image.resize", 7_600 * MS,
                {State.CPU_NATIVE: 6_800 * MS, State.CPU_PYTHON: 800 * MS}, 91_000 * MS,
            ),
        ),
        waits=(
            Wait(State.WAIT_IPC, "multiprocessing pool", 100 * MS, 24_564 * MS, 1_200, None, None),
            Wait(State.WAIT_DISK, "in/über photo.png", 500_000, 100 * MS, 3, None, None),
        ),
    )  # fmt: skip
    return Diagnosis(
        recording,
        timeline,
        breakdown,
        Verdict(Bound.CPU, State.CPU_NATIVE, 0.96, 0.94, 0.98, "12 processes compute on 2 CPUs, in compiled code."),
        (
            Advice(
                Strategy.SEQUENTIAL, None, None, Estimate(1.0, 1.0, 1.0),
                "both CPUs are busy 96 % of the time: no other way to run it has CPUs left to use.",
            ),
            Advice(
                Strategy.RAISE_CPU_LIMIT, 8, None, Estimate(3.6, 2.9, 3.9),
                "the machine has 8 CPUs, the container may use 2 of them.",
                ("Raise the container's CPU limit (docker run --cpus 8), then use as many processes.",),
            ),
        ),
        curve(0, Strategy.PROCESSES, {2: 1.02, 12: 1.0}, "cpus", 2),
        seven({"profile": ("cpu", 0.9, "resize: 91.0 s of thread time, 96 % of it on a CPU.")}),
    )  # fmt: skip


def inconclusive() -> Diagnosis:
    """Forty milliseconds of which little was seen, on a closed machine, killed."""
    places = (Place("<string>", "<module>", 1, 1),)
    main = Actor("MainThread", ((State.UNKNOWN, 30, (), 0), (State.CPU_PYTHON, 10, (0,), 0)))
    casts = (Cast(6001, "python -c pass", (main,), exit_code=None),)
    recording, timeline = recording_of(
        casts, places, (), command=("-c", "print('hi')\nprint('there')"), wall_ns=40 * MS,
        capabilities=(
            Capability("thread_states", "procfs", False, "/proc is mounted with hidepid=2"),
            Capability("gil", "gil_probe", False, "the self-test failed: the lock was not found in the interpreter"),
            Capability("python_stacks", "agent", True),
        ),
        effort=Effort(2 * MS, 5 * MS, 8, 2, 1, 1, slowed=True, inside_looks=1, inside_missed=1),
        notes=("the target was killed before its last looks were written",), exit_code=None,
    )  # fmt: skip
    recording = recording._replace(signal=9, source="portable", machine=recording.machine._replace(memory_bytes=0))
    totals = Totals(cpu_ns=10 * MS)
    breakdown = breakdown_of(casts, main.budget, blur=0.2)._replace(totals=totals, gil_wait_share=None)
    return Diagnosis(
        recording,
        timeline,
        breakdown,
        Verdict(
            Bound.INCONCLUSIVE, State.UNKNOWN, 0.75, 0.4, 0.95, "too short: 2 looks in 40 ms say nothing.",
            "Run it on enough input to last at least a second, or record with --rate 1000.",
        ),
        (),
        (),
        seven({}),
    )  # fmt: skip


def _advised() -> Diagnosis:
    from advised_story import advised  # which is made of what is here

    return advised()


def _two_phases() -> Diagnosis:
    from stories_of_machines import two_phases

    return two_phases()


def _starved() -> Diagnosis:
    from stories_of_machines import starved

    return starved()


STORIES: Mapping[str, Callable[[], Diagnosis]] = {
    "sequential_io": sequential_io,
    "cpu": cpu,
    "two_phases": _two_phases,
    "gil_queue": gil_queue,
    "asyncio_blocked": asyncio_blocked,
    "process_pool": process_pool,
    "starved": _starved,
    "inconclusive": inconclusive,
    "advised": _advised,
}
"""All stories by name; each is made anew."""
