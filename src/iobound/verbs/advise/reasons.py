"""Why an advice is given: short sentences with numbers to check and the background that explains them."""

from __future__ import annotations

from collections.abc import Sequence

from iobound.model.breakdown import Site
from iobound.model.origin import is_cell
from iobound.model.prediction import Prediction, Strategy
from iobound.model.source_facts import CallFact
from iobound.model.state import COMPUTING, OUTSIDE_WAITS, State
from iobound.verbs.advise.wording import between, count_of, name_of, percent, seconds, sentence, times

BINDS = {
    "gil": "then the GIL is the limit",
    "cpus": "then the CPUs are the limit",
    "workers": "then the number of workers is the limit",
    "start_up": "then starting the workers is the limit",
    "pickling": "then carrying items to the workers is the limit",
    "serial": "then what serves one at a time is the limit",
    "memory": "then the memory is the limit, if each worker needs as much as the program does now",
    "items": "then the number of items is the limit",
    "rest_of_program": "then the rest of the program is the limit",
}
"""What a bottleneck means to the reader."""

LEAST_PART = 0.01
"""Share of an item below which a part of it is not told."""

FAR_SIDE = (
    "a far side that serves one request at a time would leave nothing to gain; one sequential run cannot show that"
)


def pool(strategy: Strategy, site: Site, best: Prediction, own: Sequence[Prediction]) -> str:
    """Why a pool helps at a site."""
    cost = _cost(site, best)
    teach = {
        Strategy.THREADS: "Waits overlap in threads.",
        Strategy.MORE_WORKERS: f"{site.workers_now} at a time leave the CPUs and the GIL mostly free.",
        Strategy.NATIVE_THREADS: "Native code without the GIL runs side by side in threads, and nothing is copied.",
        Strategy.PROCESSES: _why_processes(best, own),
        Strategy.ASYNCIO: "One thread can await all of them at once.",
    }[strategy]
    gain = f"{best.workers} at a time make the program {between(best.speed_up)} as fast"
    return f"{cost} {teach} {gain}; {BINDS[best.bottleneck]}."


def _why_processes(best: Prediction, own: Sequence[Prediction]) -> str:
    threads = [each for each in own if each.strategy is Strategy.THREADS and each.workers == best.workers]
    if not threads:
        return "Each process has a GIL of its own, but pays for its start and for pickling."
    gain = threads[0].speed_up.estimate
    if gain >= best.speed_up.estimate:
        return f"Processes do it too, but pay for their start and for pickling, as threads do not ({times(gain)})."
    return f"Threads share one GIL ({times(gain)}); each process has its own, but pays for its start and for pickling."


def _cost(site: Site, best: Prediction) -> str:
    whole = sum(site.budget.values())
    if site.items is None or best.demand is None:
        waits = sum(site.budget.get(state, 0) for state in OUTSIDE_WAITS | {State.WAIT_SLEEP})
        computes = sum(site.budget.get(state, 0) for state in COMPUTING)
        parts = f"computes for {percent(computes / whole)} of its time and waits for {percent(waits / whole)}"
        return f"{sentence(name_of(site))} {parts}."
    demand, told, least_s = best.demand, [], LEAST_PART * best.demand.total_s
    if demand.wait_s + demand.serial_s > least_s:
        told.append(f"waits {seconds(demand.wait_s + demand.serial_s)}")
    if demand.cpu_python_s > least_s:
        told.append(f"computes {seconds(demand.cpu_python_s)} with the GIL held")
    if demand.cpu_native_s > least_s:
        verb = "" if demand.cpu_python_s > least_s else "computes "
        told.append(f"{verb}{seconds(demand.cpu_native_s)} with the GIL released")
    return f"{sentence(name_of(site))} ran {count_of(site.items, 'time')}; each {', '.join(told)}."


def steps(strategy: Strategy, site: Site, best: Prediction, fact: CallFact | None) -> tuple[str, ...]:
    """What to do, in order."""
    if strategy is Strategy.MORE_WORKERS:
        return (
            f"raise the pool from {site.workers_now} to {best.workers} workers",
            "measure again: the far side may not keep up",
        )
    if strategy is Strategy.ASYNCIO:
        client = () if fact and fact.awaited else ("make the call a coroutine with an asynchronous client",)
        return (*client, "await all items together in a `TaskGroup`, a semaphore limits how many at a time")
    if strategy is Strategy.PROCESSES:
        chunk = (f"hand over {best.chunk} items at once: they are short",) if best.chunk > 1 and site.items else ()
        if best.chunk > 1 and site.loop is not None and site.loop.over_range:
            chunk = ("give each worker a part of the range, and join what they return",)
        if is_cell(site.file):
            guard = "put what the loop calls into a module, import that, and run the loop through a process pool"
        elif site.loop is not None and site.loop.setting in {"function", "coroutine", "block"}:
            guard = 'run the loop through a process pool, and see that only `if __name__ == "__main__":` leads to it'
        else:
            guard = 'put the loop under `if __name__ == "__main__":` and run it through a process pool'
        return (guard, *chunk)
    return ("run the loop through a thread pool", "give each worker what it must not share, such as its own connection")


def obstacles(strategy: Strategy, site: Site) -> tuple[str, ...]:
    """What stands against it or must be checked first."""
    found = list(site.obstacles)
    if site.independent != "yes" and site.strategy_now == "sequential":
        found.append("check that no item needs the result of another one, and that they write to nothing in common")
    outside = sum(site.budget.get(state, 0) for state in (State.WAIT_NETWORK, State.WAIT_IPC))
    if outside >= 0.3 * sum(site.budget.values()):
        found.append(f"{site.serial_target}: {FAR_SIDE}" if site.serial_target else FAR_SIDE)
    if site.budget.get(State.WAIT_SLEEP, 0) >= 0.3 * sum(site.budget.values()):
        found.append("much of its waiting is sleep on purpose: where that keeps to a limit, keep to it")
    if strategy is Strategy.PROCESSES:
        found.append("arguments and results are pickled and copied: keep them under about a megabyte per item")
    if strategy in {Strategy.THREADS, Strategy.NATIVE_THREADS, Strategy.MORE_WORKERS} and site.gil_releases_per_s:
        found.extend(_many_releases(site.gil_releases_per_s))
    return tuple(dict.fromkeys(found))


def _many_releases(per_s: float) -> list[str]:
    return [f"it hands the GIL over {per_s:.0f} times per CPU second, which costs threads time"] if per_s > 2000 else []
