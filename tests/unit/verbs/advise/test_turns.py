"""Work that takes turns by its nature gets no pool: commits, one archive, searches, rates; and what it gets instead."""

from __future__ import annotations

import pytest
from advise_stories import (  # fmt: skip
    CHILD,
    DISK,
    FILE,
    NATIVE,
    NET,
    NS,
    PY,
    SLEEP,
    heard,
    loop_of,
    ns,
    process_of,
    site_of,
    threads_of,
    told,
)

from iobound.model.breakdown import Breakdown, Hotspot
from iobound.model.diagnosis import Advice
from iobound.model.prediction import Strategy
from iobound.model.recording import Recording
from iobound.model.source_facts import CallFact
from iobound.verbs import advise, predict
from iobound.verbs.advise.at_sites import may_run_at_once
from iobound.verbs.advise.commits import takes_turns


def advised(run: Breakdown, recording: Recording) -> tuple[Advice, ...]:
    predictions = tuple(
        each for site in run.sites for each in predict.curve(site, run, recording.machine, recording.interpreter)
    )
    return advise.advise(run, recording, advise.verdict(run, recording), predictions)


def committing(budget, name="connection.commit", items=2000):
    """A run that spends all of a site at commits."""
    site = site_of("save", budget, 4.0, items=items, loop=loop_of("row", "rows", independent="unknown"))
    whole_ns = sum(ns(budget).values())
    spot = Hotspot(FILE, 40, 8, "save", name, whole_ns, ns(budget), whole_ns)
    return told({**budget, PY: 0.4}, sites=[site._replace(calls={name: whole_ns})], hotspots=(spot,))


@pytest.mark.parametrize("budget", [{DISK: 3.6}, {NATIVE: 3.6}, {DISK: 2.0, NATIVE: 1.6}])
def test_commits_one_by_one_want_batches_however_their_time_is_spent(budget) -> None:
    """Waiting for the disk and working for it in the kernel are the same to a program."""
    first = advised(committing(budget), heard())[0]
    assert first.strategy is Strategy.BATCH
    assert "commit" in first.reason
    assert first.speed_up.low > 1.5


def test_leaving_a_connections_block_is_a_commit() -> None:
    """`with connection:` commits at its end."""
    first = advised(committing({DISK: 3.6}, "sqlite3.Connection.__enter__"), heard())[0]
    assert first.strategy is Strategy.BATCH


@pytest.mark.parametrize(
    "name",
    [
        "http.client.HTTPConnection.__enter__",
        "multiprocessing.connection.Connection.__enter__",
        "kafka.Consumer.commit",
    ],
)
def test_other_connections_commit_nothing(name) -> None:
    """A request is none, nor is a pipe."""
    assert all(each.strategy is not Strategy.BATCH for each in advised(committing({DISK: 3.6}, name), heard()))


def test_a_pause_of_the_loop_is_meant_and_one_inside_of_an_item_may_stand_for_work() -> None:
    """Both are told apart by where they are, in words that do not contradict each other."""
    sleeping = {SLEEP: 9.5}
    paused = site_of("time.sleep", sleeping, 10.0, items=20, loop=loop_of("item", "items"))
    inside = site_of("handle", sleeping, 10.0, items=20, loop=loop_of("item", "items"))
    stay, run = (advised(told({**sleeping, PY: 0.5}, sites=[site]), heard())[0] for site in (paused, inside))
    assert stay.strategy is Strategy.SEQUENTIAL
    assert "The loop itself sleeps on purpose" in stay.reason
    assert run.strategy is Strategy.THREADS
    assert any("sleep on purpose" in text for text in run.obstacles)


def test_what_is_not_worth_it_is_named_in_words() -> None:
    """Keys of the JSON report are no language."""
    site = site_of("digest", {NATIVE: 0.2}, 5.0, items=100)
    first = advised(told({NATIVE: 0.2, PY: 4.8}, sites=[site]), heard())[0]
    assert "the best is native threads with" in first.reason


def test_a_few_commits_are_not_worth_a_word() -> None:
    """Nor are they many small things."""
    assert all(each.strategy is not Strategy.BATCH for each in advised(committing({DISK: 3.6}, items=10), heard()))


def test_commits_at_a_server_may_run_at_once() -> None:
    """A database behind the network has several writers; a file has one."""
    (near,) = committing({DISK: 3.6}).sites
    (away,) = committing({NET: 3.6}).sites
    assert takes_turns(near)
    assert not takes_turns(away)


def test_an_archive_that_is_written_is_one_stream() -> None:
    """Where the work is the ordered output itself, nothing is left to do at once."""
    loop = loop_of("name", "names")._replace(ordered=("archive.add",))
    site = site_of("tarfile.TarFile.add", {NATIVE: 3.8}, 4.0, items=40, loop=loop)
    packing = CallFact("tarfile.TarFile.add", "archive.add(name)")
    assert not may_run_at_once(site, packing)
    assert may_run_at_once(site, CallFact("pack", "pack(name)"))
    assert may_run_at_once(site._replace(budget=ns({NET: 3.8})), packing)


def test_a_search_that_computes_is_left_alone_and_a_crawl_is_not() -> None:
    """Items that are found on the way are few at once: enough to overlap waits."""
    loop = loop_of("", "queue", kind="while", independent="unknown")._replace(grows=True)
    search, crawl = (site_of("visit", {state: 3.8}, 4.0, items=400, loop=loop) for state in (PY, NET))
    assert not may_run_at_once(search, None)
    assert may_run_at_once(crawl, None)


def test_a_rate_that_is_kept_is_left_alone() -> None:
    """A pool would have to keep to the same rate."""
    loop = loop_of()._replace(throttled=True)
    site = site_of("ask", {SLEEP: 7.0, NET: 2.5}, 10.0, items=100, loop=loop)
    run = told({SLEEP: 7.0, NET: 2.5, PY: 0.5}, sites=[site])
    first = advised(run, heard())[0]
    assert first.strategy is Strategy.SEQUENTIAL
    assert "keeps to a rate" in first.reason


def test_leaving_work_that_takes_turns_alone_says_why() -> None:
    """One archive, and a search, are told as what they are."""
    packing = loop_of("name", "names", line=30)._replace(ordered=("archive.add",))
    search = loop_of("", "queue", kind="while", independent="unknown")._replace(grows=True)
    for loop, state, word in ((packing, NATIVE, "in order"), (search, PY, "finds its items")):
        site = site_of("tarfile.TarFile.add", {state: 3.8}, 4.0, items=40, loop=loop)
        calls = {31: CallFact("tarfile.TarFile.add", "archive.add(name)")}
        first = advised(
            told({state: 3.8, PY: 0.2} if state is NATIVE else {PY: 4.0}, sites=[site]), heard(calls=calls)
        )[0]
        assert first.strategy is Strategy.SEQUENTIAL
        assert word in first.reason


def test_coroutines_that_only_compute_want_processes() -> None:
    """No loop can run them at once, and nothing is awaited at the site."""
    site = site_of("", {PY: 7.9}, 8.0, items=400, loop=loop_of("n", "range(k)"), strategy_now="asyncio")
    assert advised(told({PY: 8.0}, sites=[site]), heard())[0].strategy is Strategy.PROCESSES


def test_tools_that_compute_want_as_many_as_there_are_cpus() -> None:
    """Children that were not seen computing are told by the kernel: few at once are enough, and threads do."""
    site = site_of("compress", {CHILD: 7.8}, 8.0, items=40, loop=loop_of("path", "paths"))
    run = told({CHILD: 7.8, PY: 0.2}, sites=[site])
    busy = run._replace(totals=run.totals._replace(unseen_children_ns=round(7.7 * NS)))
    first, idle = advised(busy, heard())[0], advised(run, heard())[0]
    assert (first.strategy, idle.strategy) == (Strategy.THREADS, Strategy.THREADS)
    assert first.workers is not None and idle.workers is not None
    assert first.workers <= 4 < idle.workers
    assert first.speed_up.high < 3.5 < idle.speed_up.low


def test_a_pool_of_tiny_items_loses_all_but_its_own_work() -> None:
    """Where hardly any of the program's own code is seen, the gain of batches may be large."""
    crew = tuple(process_of(number, threads_of({PY: 2.0, NATIVE: 1.0})) for number in range(3))
    handing = Hotspot("/usr/lib/python3.12/multiprocessing/connection.py", 384, 8, "Connection._send",
                      "multiprocessing.connection.Connection.send", 2 * NS, ns({PY: 2.0}), 4 * NS)  # fmt: skip
    run = told({PY: 2.0, NATIVE: 1.0}, processes=crew, hotspots=(handing,))
    own = Hotspot(FILE, 9, 4, "work", "", round(1.4 * NS), ns({PY: 1.4}), NS)
    tiny, busy = (advised(each, heard())[0] for each in (run, run._replace(hotspots=(handing, own))))
    assert tiny.strategy is Strategy.BATCH
    assert busy.strategy is Strategy.BATCH
    assert tiny.speed_up.high > 10 > busy.speed_up.high


def test_the_machinery_of_a_process_pool_is_handing_over() -> None:
    """Its threads have no code of the user's, so that their innermost place is the library's."""
    crew = tuple(process_of(number, threads_of({PY: 2.0, NATIVE: 1.0})) for number in range(3))
    file = "/usr/lib/python3.12/selectors.py"
    select = Hotspot(file, 415, 8, "EpollSelector.select", "selectors.BaseSelector.select", 2 * NS, ns({PY: 2.0}), NS)
    run = told({PY: 2.0, NATIVE: 1.0}, processes=crew, hotspots=(select,))
    assert advised(run, heard())[0].strategy is Strategy.BATCH
    waits = run._replace(hotspots=(select._replace(budget=ns({NET: 2.0})),))
    assert all(each.strategy is not Strategy.BATCH for each in advised(waits, heard()))


OWN = """for path in paths:
    p = subprocess.Popen(["tool", path], stdout=PIPE)
    out, _ = p.communicate()
"""
OTHERS = """for p in running:
    out, _ = p.communicate()
"""
LISTED = """for p in [subprocess.Popen(["tool", path]) for path in paths]:
    p.communicate()
"""


@pytest.mark.parametrize(
    ("target", "iterable", "source", "gains"),
    [
        ("path", "paths", OWN, True),
        ("p", "running", OTHERS, False),
        ("p", '[subprocess.Popen(["tool", path]) for path in paths]', LISTED, False),
    ],
)
def test_a_program_that_each_iteration_starts_is_its_work(target: str, iterable: str, source: str, gains: bool) -> None:
    """Waiting for what was started before all of it runs at once already."""
    loop = loop_of(target, iterable, line=30, source=source)
    site = site_of("subprocess.Popen.communicate", {CHILD: 3.7}, 4.0, items=16, loop=loop)
    calls = {31: CallFact("subprocess.Popen.communicate", "p.communicate()", category="subprocess")}
    first = advised(told({CHILD: 3.7, PY: 0.3}, sites=[site]), heard(calls=calls))[0]
    assert (first.strategy is Strategy.SEQUENTIAL) is not gains
    assert first.snippet == ""


def test_processes_that_may_not_fit_are_told_to_be_checked() -> None:
    """A large program is copied into every worker, at worst."""
    site = site_of("work", {NET: 7.9}, 8.0, items=400, loop=loop_of("n", "numbers"))
    run = told({NET: 7.9, PY: 0.1}, sites=[site])
    heavy = run._replace(totals=run.totals._replace(peak_rss_bytes=heard().machine.memory_bytes * 2 // 5))
    for told_run, most, word in ((run, 16, False), (heavy, 2, True)):
        (pool,) = [each for each in advised(told_run, heard()) if each.strategy is Strategy.PROCESSES]
        assert pool.workers == most
        assert any("as much memory" in obstacle for obstacle in pool.obstacles) is word


def test_all_of_an_advice_names_one_size() -> None:
    """Six items want six workers, in the reason and in the code as in the heading."""
    site = site_of("work", {NET: 7.9}, 8.0, items=6, loop=loop_of("n", "numbers"))
    for each in advised(told({NET: 7.9, PY: 0.1}, sites=[site]), heard()):
        if each.strategy in (Strategy.THREADS, Strategy.PROCESSES):
            assert each.workers == 6
            assert "6 at a time" in each.reason
            assert each.strategy is Strategy.THREADS or "as threads do not (" in each.reason
            assert "max_workers=6" in each.snippet
