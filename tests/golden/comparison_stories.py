"""Reports of the same program before and after something, as one run or several: what `iobound compare` is tried on."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Mapping
from typing import Any

import stories

from iobound.verbs import report

Document = dict[str, Any]
Named = list[tuple[str, Document]]

_PLAIN: list[Document] = []


def plain() -> Document:
    """The report of 120 downloads one after another, as JSON gives it back."""
    if not _PLAIN:
        diagnosis = stories.STORIES["sequential_io"]()
        _PLAIN.append(json.loads(report.render(diagnosis, "json", style=report.TextStyle())))
    return copy.deepcopy(_PLAIN[0])


def run(waiting: float = 1.0, count: float = 1.0, computing: float = 1.0) -> Document:
    """The same program with so much more waiting for the network, and in so many more waits, and more computing."""
    document = plain()
    network = document["waits"][0]
    more_s = network["wall_s"] * (waiting - 1) + document["cpu_s"] * (computing - 1)
    states = {state: share * document["wall_s"] for state, share in document["states"].items()}
    states["wait_network"] += network["wall_s"] * (waiting - 1)
    states["cpu_python"] += document["cpu_s"] * (computing - 1)
    before_s, document["wall_s"] = document["wall_s"], document["wall_s"] + more_s
    document["cpu_s"] *= computing
    document["states"] = {state: seconds / document["wall_s"] for state, seconds in states.items()}
    for state, (low, high) in document["intervals"].items():
        half = (high - low) / 2
        share = document["states"][state]
        document["intervals"][state] = [max(0.0, share - half), min(1.0, share + half)]
    document["overhead"]["samples"] = round(document["overhead"]["samples"] * document["wall_s"] / before_s)
    for key in ("wall_s", "thread_s"):
        network[key] *= waiting
        document["hotspots"][0][key] *= waiting
    document["hotspots"][1]["wall_s"] *= computing
    network["count"] = round(network["count"] * count)
    switches = document["totals"]["context_switches"]
    switches["voluntary"] += network["count"] - 120
    return document


def several(runs: int, seed: int, **changes: float) -> Named:
    """Runs that differ by 2 % of waiting and 8 % of computing, by chance."""
    chance = random.Random(seed)
    found = []
    for number in range(runs):
        noisy = {**changes}
        noisy["waiting"] = changes.get("waiting", 1.0) * chance.lognormvariate(0, 0.02)
        noisy["computing"] = changes.get("computing", 1.0) * chance.lognormvariate(0, 0.08)
        found.append((f"run-{number}.json", run(**noisy)))
    return found


def one(document: Document, name: str) -> Named:
    """A side of one run."""
    return [(name, document)]


def moved(document: Document) -> Document:
    """The same with its functions in another file, and 40 lines further down."""
    for items in (document["hotspots"], document["sites"], document["waits"], document["findings"]):
        for item in items:
            if item.get("file") == "download_all.py":
                item["file"] = "app/downloads.py"
            if item.get("line") is not None:
                item["line"] += 40
    return document


def elsewhere(document: Document) -> Document:
    """The same on another machine."""
    document["machine"] |= {"cpus": 2, "effective_cpus": 2.0, "limited_by": "machine"}
    return document


def worse() -> Document:
    """Half as much waiting again, in twice as many waits, with a new finding and a new wait."""
    document = run(waiting=1.5, count=2.0)
    document["findings"].append({**document["findings"][0], "rule": "IOB203", "line": 33, "message": "a new loop"})
    database = {**document["waits"][0], "target": "db:5432 (postgresql)", "wall_s": 0.8, "thread_s": 0.8, "count": 40}
    document["waits"].append(database)
    return document


STORIES: Mapping[str, Callable[[], tuple[Named, Named]]] = {
    "unchanged": lambda: (one(run(), "base.json"), one(run(waiting=1.02, computing=0.95), "head.json")),
    "regression": lambda: (one(run(), "base.json"), one(worse(), "head.json")),
    "several_runs": lambda: (several(5, 1), several(5, 2, waiting=1.2)),
    "other_machine": lambda: (one(run(), "base.json"), one(elsewhere(run(waiting=1.5, count=2.0)), "head.json")),
    "moved_functions": lambda: (one(run(), "base.json"), one(moved(run(waiting=1.01)), "head.json")),
}
"""Base and head of each story."""
