"""From what each process knows of its calls to what is known of each function."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from iobound.decorator.call_log import MOST_SAMPLES, CallLog
from iobound.decorator.ledger import Ledger
from iobound.decorator.left import SUMS, as_content
from iobound.model.calls import Caller, CallSample, FunctionCalls
from iobound.model.recording import Place

_MOST_CALLERS = 20


class Collected(NamedTuple):
    """The calls of one function, and what was said of it where it was decorated.

    Attributes:
        calls: In all processes.
        told: Whether it is in the report when the program ends.
        workers: Pool sizes to predict; the usual ones if empty.
    """

    calls: FunctionCalls
    told: bool
    workers: tuple[int, ...]


def collected(ledger: Ledger, wanted: CallLog | None = None) -> tuple[Collected, ...]:
    """All functions that were called in this process or in one that left its calls to it, most time first.

    Args:
        ledger: The one of this process.
        wanted: Only this function.
    """
    ledger.flush()
    parts: list[dict[str, Any]] = [as_content(log) for log in ledger.logs if log.calls]
    parts.extend(ledger.left_by_others())
    by_name: dict[tuple[object, ...], list[dict[str, Any]]] = {}
    for part in parts:
        by_name.setdefault((part["name"], part["file"], part["function"], part["first_line"]), []).append(part)
    if wanted is not None:
        key = wanted.name, wanted.file, wanted.function, wanted.first_line
        by_name = {key: by_name[key]} if key in by_name else {}
    found = [
        Collected(_joined(each), any(part["told"] for part in each), tuple(each[0]["workers"]))
        for each in by_name.values()
    ]
    found.sort(key=lambda each: -each.calls.wall_ns)
    lost = tuple(f"calls of processes that could not leave them are missing: {why}" for why in ledger.lost_by_others())
    if lost and found:  # it is said once
        found[0] = found[0]._replace(calls=found[0].calls._replace(notes=(*found[0].calls.notes, *lost)))
    return tuple(found)


def _joined(parts: Sequence[dict[str, Any]]) -> FunctionCalls:
    sums = [dict(zip(SUMS, part["sums"], strict=True)) for part in parts]
    first = parts[0]
    calls = sum(each["calls"] for each in sums)
    begin, end = min(each["first_ns"] for each in sums), max(each["last_ns"] for each in sums)
    busy_ns = sum(each["busy_ns"] for each in sums)
    threads, processes = _of_each_member(parts, "threads"), _of_each_member(parts, "processes")
    beside = processes > 1 and busy_ns > end - begin
    return FunctionCalls(
        name=first["name"],
        file=first["file"],
        function=first["function"],
        first_line=first["first_line"],
        kind=first["kind"],
        calls=calls,
        nested=sum(each["nested"] for each in sums),
        failed=sum(each["failed"] for each in sums),
        wall_ns=sum(each["wall_ns"] - each["nested_wall_ns"] for each in sums),
        cpu_ns=sum(each["cpu_ns"] - each["nested_cpu_ns"] for each in sums),
        busy_ns=end - begin if beside else busy_ns,
        longest_ns=max(each["longest_ns"] for each in sums),
        first_ns=begin,
        last_ns=end,
        most_at_once=sum(each["most"] for each in sums) if beside else max(each["most"] for each in sums),
        threads=threads,
        processes=processes,
        steps=sum(each["steps"] for each in sums),
        held_ns=sum(each["held_ns"] for each in sums),
        longest_step_ns=max(each["longest_step_ns"] for each in sums),
        idle_ns=sum(each["idle_ns"] for each in sums),
        samples=_samples(parts, calls),
        callers=_callers(parts),
        notes=tuple(sorted({f"calls were lost: {part['problem']}" for part in parts if part["problem"]})),
    )


def _of_each_member(parts: Sequence[dict[str, Any]], name: str) -> int:
    """What a module that was loaded again counts twice, once for each member."""
    at, of_members = SUMS.index(name), dict[str, int]()
    for part in parts:
        of_members[part["member"]] = max(part["sums"][at], of_members.get(part["member"], 0))
    return sum(of_members.values())


def _samples(parts: Iterable[dict[str, Any]], calls: int) -> tuple[CallSample, ...]:
    """Of each process as many as it has of the calls, from all over: where they are few, they are in order."""
    chosen: list[CallSample] = []
    for part in parts:
        own = part["sums"][0]
        room = max(1, min(MOST_SAMPLES * own // max(1, calls), len(part["samples"])))
        own_samples = part["samples"]
        evenly = (own_samples[number * len(own_samples) // room] for number in range(room if own_samples else 0))
        chosen.extend(CallSample(int(wall), int(cpu)) for wall, cpu in evenly)
    return tuple(chosen)


def _callers(parts: Iterable[dict[str, Any]]) -> tuple[Caller, ...]:
    found: dict[Place, Caller] = {}
    for part in parts:
        asked = sum(exact for *_, exact, _ in part["callers"])
        by_chance = sum(some for *_, some in part["callers"])
        each_stands_for = (part["sums"][0] - asked) / by_chance if by_chance else 0.0
        for file, function, first, line, column, end_line, end_column, exact, some in part["callers"]:
            place = Place(file, function, first, line, column, end_line, end_column)
            before = found.get(place, Caller(place, 0.0, True))
            found[place] = Caller(place, before.calls + exact + some * each_stands_for, before.exact and not by_chance)
    return tuple(sorted(found.values(), key=lambda each: -each.calls)[:_MOST_CALLERS])
