"""Sections on what was concluded: checks, advice, predictions, evidence."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from iobound.model.diagnosis import Advice, Check, Diagnosis, Evidence
from iobound.model.prediction import Prediction, Strategy
from iobound.verbs.report import figures, words
from iobound.verbs.report.blocks import Block, Cell, Code, Column, Prose, Role, Section, Table

_MOST_SITES = 3
_MOST_ADVICE = 8
_WORTH_TELLING = 1.05
_UNDER = 5  # columns under which an advice's details hang

_LIMITED_BY = {
    "gil": "GIL",
    "cpus": "CPUs",
    "workers": "workers",
    "start_up": "start-up",
    "pickling": "pickling",
    "serial": "one at a time",
    "items": "items",
    "memory": "memory",
    "rest_of_program": "other code",
}


def checks(found: Sequence[Check]) -> Section | None:
    """How the gates went, failed ones first."""
    if not found:
        return None
    blocks = tuple(
        Prose(
            check.text if check.expression in check.text else f"{check.expression}: {_seen(check)}",
            "passed" if check.passed else "FAILED",
            label_role=Role.GOOD if check.passed else Role.BAD,
        )
        for check in sorted(found, key=lambda check: check.passed)
    )
    return Section("Checks", blocks)


def _seen(check: Check) -> str:
    return check.text or f"seen {check.seen or figures.NOT_KNOWN}"


def advice(diagnosis: Diagnosis) -> Section | None:
    """Every piece of advice, best first, with its reason, steps, obstacles and snippet."""
    found = diagnosis.advice
    if not found:
        return None
    blocks: list[Block] = []
    for item in advice_items(diagnosis):
        blocks += [Prose("")] if blocks else []
        blocks += item
    if len(found) > _MOST_ADVICE:
        blocks.append(Prose(f"and {len(found) - _MOST_ADVICE} more", role=Role.FAINT))
    return Section("What to do", tuple(blocks), f"speed-ups of {words.whole(diagnosis.recording)}, with 90 % intervals")


def advice_items(diagnosis: Diagnosis) -> list[list[Block]]:
    """The pieces of advice that are told, each as blocks whose first says what to do."""
    return [
        _advice_blocks(number, item, diagnosis) for number, item in enumerate(diagnosis.advice[:_MOST_ADVICE], start=1)
    ]


def _advice_blocks(number: int, item: Advice, diagnosis: Diagnosis) -> list[Block]:
    blocks: list[Block] = [Prose(words.headed(item), f"{number}.", Role.STRONG, label_role=Role.STRONG)]
    if item.site is not None:
        where = words.site(diagnosis.breakdown.sites[item.site], diagnosis.recording.cwd)
        blocks.append(Prose(where, "where", indent=_UNDER, label_width=5))
    blocks.append(Prose(item.reason, "why", indent=_UNDER, label_width=5))
    for step_number, step in enumerate(item.steps):
        blocks.append(Prose(step, "" if step_number else "how", indent=_UNDER + 7 * bool(step_number), label_width=5))
    for obstacle in item.obstacles:
        blocks.append(Prose(obstacle, "check", indent=_UNDER, label_width=5, label_role=Role.BAD))
    if item.snippet.strip():
        blocks += [Prose(""), Code(item.snippet, indent=_UNDER + 7)]
    return blocks


def predictions(diagnosis: Diagnosis) -> Section | None:
    """Speed-ups by strategy and workers, a table for each of the largest sites whose items may run at once."""
    by_site: dict[int, list[Prediction]] = {}
    dependent = {prediction.site for prediction in diagnosis.predictions if _needs_order(prediction.site, diagnosis)}
    for prediction in diagnosis.predictions:
        if prediction.site in dependent:
            continue
        by_site.setdefault(prediction.site, []).append(prediction)
    if not by_site:
        return None
    alike: dict[object, list[int]] = {}
    for site, found in by_site.items():
        alike.setdefault(_foretold(found), []).append(site)
    shown = [sites for number, sites in enumerate(alike.values()) if number == 0 or _is_news(by_site[sites[0]])]
    blocks: list[Block] = []
    for sites in shown[:_MOST_SITES]:
        blocks += [Prose(words.site(diagnosis.breakdown.sites[site], diagnosis.recording.cwd)) for site in sites]
        advised = {advice.workers for advice in diagnosis.advice if advice.site in sites}
        blocks.append(_prediction_table(by_site[sites[0]], advised))
    left = len(by_site) - sum(len(sites) for sites in shown[:_MOST_SITES])
    if left:
        blocks.append(Prose(f"and {figures.tally(left, 'site')} with less to gain", role=Role.FAINT))
    if dependent:
        told = f"left out: {figures.tally(len(dependent), 'site')} whose items need those before them"
        blocks.append(Prose(told, role=Role.FAINT))
    return Section(
        "What other ways would gain",
        tuple(blocks),
        f"speed-up of {words.whole(diagnosis.recording)}, 90 % interval below",
    )


def _needs_order(site: int, diagnosis: Diagnosis) -> bool:
    """Whether a site's items are known to need each other, so that no way of running them at once is one."""
    found = diagnosis.breakdown.sites[site]
    return found.independent == "no" and found.strategy_now == "sequential"


def _foretold(found: Sequence[Prediction]) -> object:
    """What a table says of a site: of a loop and of the call in it that is often the same, and then said once."""
    return tuple(
        (each.strategy, each.workers, figures.speed_up(each.speed_up), each.bottleneck, each.saturates_at)
        for each in found
    )


def _is_news(found: Sequence[Prediction]) -> bool:
    """The first site answers what other ways would gain; a further one is told when something is gained there."""
    return any(prediction.speed_up.estimate >= _WORTH_TELLING for prediction in found)


def _prediction_table(found: Sequence[Prediction], advised: Collection[int | None]) -> Table:
    """Two rows a strategy: estimates, and their intervals; narrow screens lose middle columns that nobody advises."""
    workers = sorted({prediction.workers for prediction in found})
    columns = (
        Column("workers"),
        *(
            Column(str(count), right=True, rank=0 if count in advised else _rank(index, len(workers)))
            for index, count in enumerate(workers)
        ),
        Column("limited by"),
    )
    rows: list[tuple[Cell, ...]] = []
    for strategy in dict.fromkeys(prediction.strategy for prediction in found):
        by_workers = {prediction.workers: prediction for prediction in found if prediction.strategy is strategy}
        rows += _prediction_rows(strategy, by_workers, workers)
    return Table(columns, tuple(rows))


def _rank(index: int, count: int) -> int:
    """First and last pool sizes stay, those near them longest."""
    return 0 if index in (0, count - 1) else 1 + min(index, count - 1 - index)


def _prediction_rows(
    strategy: Strategy, by_workers: dict[int, Prediction], workers: Sequence[int]
) -> list[tuple[Cell, ...]]:
    best = max(by_workers.values(), key=lambda prediction: prediction.speed_up.estimate)
    estimates, intervals = [], []
    for count in workers:
        prediction = by_workers.get(count)
        if prediction is None:
            estimates.append(Cell(""))
            intervals.append(Cell(""))
            continue
        worse = prediction.speed_up.high < 1
        role = Role.BAD if worse else Role.GOOD if prediction is best and prediction.speed_up.low > 1 else Role.BODY
        estimates.append(Cell(f"{figures.factor(prediction.speed_up.estimate)} ×", role))
        intervals.append(Cell(figures.factor_interval(prediction.speed_up)))
    limit = _LIMITED_BY.get(best.bottleneck, best.bottleneck)
    knee = "" if best.saturates_at is None else f"full at {best.saturates_at:,}"
    name = words.SHORT.get(strategy, strategy.value)
    return [
        (Cell(name, Role.LABEL), *estimates, Cell(limit)),
        (Cell(""), *intervals, Cell(knee, Role.FAINT)),
    ]


def evidence(diagnosis: Diagnosis) -> Section | None:
    """The seven ways to tell, each with what it says."""
    if not diagnosis.evidence:
        return None
    return Section("Evidence", tuple(_evidence_row(item) for item in diagnosis.evidence), "seven ways to tell")


def _evidence_row(item: Evidence) -> Prose:
    unavailable = item.says == "unavailable"
    label = f"{item.method:<10}  {item.says:<12}"
    return Prose(item.text, label, Role.FAINT if unavailable else Role.BODY, label_width=24)
