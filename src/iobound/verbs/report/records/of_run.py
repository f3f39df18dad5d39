"""What a run says, as records: what was asked of it and does not hold, what to do, what stood in the way, and where.

Order of the parts: failed checks, advice, blocked event loops, findings of the source that were seen running. Waits are
told in a table; they are records of their own only where there is nothing better to point at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from iobound.model.breakdown import Placed
from iobound.model.diagnosis import Advice, Diagnosis
from iobound.model.finding import RuleNote, Severity
from iobound.model.prediction import Strategy
from iobound.model.state import State
from iobound.verbs.report import figures, headline, measured, scanned, words
from iobound.verbs.report.blocks import Section
from iobound.verbs.report.records import rule_notes
from iobound.verbs.report.records.blocked import blocked_record
from iobound.verbs.report.records.checks import check_records
from iobound.verbs.report.records.details_of_run import details
from iobound.verbs.report.records.numbering import numbered
from iobound.verbs.report.records.places import Places
from iobound.verbs.report.records.record import Kind, Listing, Record
from iobound.verbs.report.records.roots import Roots

_LEAST_SHARE = 0.001  # of the run: less is shown as <0.1 %, which helps nobody
_LEAST_WAIT = 0.05
_MOST_WAITS = 3
_MOST_NOTES = 5
_WAITS: Mapping[State, str] = {
    State.WAIT_NETWORK: "waits for the network",
    State.WAIT_DISK: "waits for a disk",
    State.WAIT_IPC: "waits for another process",
    State.WAIT_CHILD: "waits for a child process",
    State.WAIT_SLEEP: "sleeps",
    State.WAIT_LOCK: "waits for a lock",
    State.WAIT_INPUT: "waits for input",
}
"""Waits that somebody can do something about at their line, and what that line does."""


def listing_of(diagnosis: Diagnosis, roots: Roots, rules: Mapping[str, RuleNote] = {}) -> Listing:
    """The run: verdict and advice as its headline, a record for each thing that a reader can look at.

    Args:
        diagnosis: What is to be told.
        roots: Where names of files start.
        rules: What the scanner's rules say of themselves, by id.
    """
    places = Places(diagnosis, roots)
    found = [
        *check_records(diagnosis.checks, places.at, places.home),
        *_advice(diagnosis, places),
        *_blocked(diagnosis, places),
        *_findings(diagnosis, places, rules),
    ]
    if not any(record.path and record.line for record in found):
        found += _waits(diagnosis, places)
    told = headline.answers(diagnosis)
    return Listing(
        of=Kind.RUN,
        headline=(_clause(told.verdict), _clause(told.advice)),
        records=numbered(found),
        notes=_notes(found, rules),
        facts=tuple(_facts(diagnosis, told)),
        sections=tuple(_sections(diagnosis)),
        remarks=tuple(map(_clause, _remarks(diagnosis))),
        numbers=_numbers(diagnosis),
        details=tuple(details(diagnosis)),
        subject=places.subject,
    )


def _notes(records: Iterable[Record], rules: Mapping[str, RuleNote]) -> dict[str, RuleNote]:
    told = {record.rule for record in records if not record.passed}
    return {**rule_notes.notes_of(told), **{rule: rules[rule] for rule in sorted(told) if rule in rules}}


def _clause(sentence: str) -> str:
    return sentence.rstrip(".")


def _facts(diagnosis: Diagnosis, told: headline.Answers) -> Iterator[tuple[str, str]]:
    yield "share", told.share
    yield "where", told.where
    yield "next", _clause(told.next)
    yield "ran", headline.run(diagnosis, plain=True).text


def _sections(diagnosis: Diagnosis) -> Iterator[Section]:
    for section in (measured.budget(diagnosis), measured.waits(diagnosis)):
        if section is not None:
            yield section


def _remarks(diagnosis: Diagnosis) -> Iterator[str]:
    """What was not seen: unknown time, findings on lines that did not run, what the recording lacks."""
    breakdown, recording = diagnosis.breakdown, diagnosis.recording
    unknown = breakdown.shares.get(State.UNKNOWN, 0.0)
    if unknown > 0:
        yield f"{figures.share(unknown)} of wall time could not be told"
    unseen = sum(each.share is None for each in breakdown.placed(recording.facts.findings))
    if unseen:
        yield f"{scanned.unseen_count(unseen, '')} not seen running: `iobound scan` lists them"
    notes = list(dict.fromkeys((*recording.notes, *breakdown.notes)))
    yield from notes[:_MOST_NOTES]
    if len(notes) > _MOST_NOTES:
        yield f"{figures.tally(len(notes) - _MOST_NOTES, 'more note')} in the text report"


def _numbers(diagnosis: Diagnosis) -> Mapping[str, str | float | None]:
    breakdown, verdict = diagnosis.breakdown, diagnosis.verdict
    shares = {state.value: round(breakdown.shares.get(state, 0.0), 6) for state in State}
    return {
        "bound": verdict.bound.value,
        "wall_s": breakdown.wall_ns / 1e9,
        "cpu_s": breakdown.totals.cpu_ns / 1e9,
        **shares,
    }


def _advice(diagnosis: Diagnosis, places: Places) -> Iterator[Record]:
    """The best advice for each site; what else would help there is told with it, not beside it."""
    by_site: dict[int | None, list[Advice]] = {}
    told_elsewhere = {Strategy.SEQUENTIAL}  # which is to do nothing
    if any(loop.blocks for loop in diagnosis.breakdown.event_loops):
        told_elsewhere.add(Strategy.UNBLOCK_EVENT_LOOP)  # at the line that blocks
    for advice in diagnosis.advice:
        if advice.strategy not in told_elsewhere:
            by_site.setdefault(advice.site, []).append(advice)
    records = [_advice_record(found[0], found[1:], site, diagnosis, places) for site, found in by_site.items()]
    most = max((record.worth or 0.0 for record in records), default=0.0)
    for record in records[:1]:  # what the headline says stands first, even where a larger machine would gain more
        yield record._replace(worth=most)
    yield from records[1:]


def _advice_record(
    best: Advice, others: list[Advice], site: int | None, diagnosis: Diagnosis, places: Places
) -> Record:
    gains = best.speed_up.low > 1
    instead = f"; or {', or '.join(map(words.headed, others))}" if others else ""
    where = places.home_record if site is None else places.site(diagnosis.breakdown.sites[site])
    record = Record(
        rule=rule_notes.advice_rule(best.strategy),
        severity=Severity.WARNING if gains else Severity.INFO,
        message=f"{_clause(best.reason)}{instead}",
        fingerprint="",
        title=words.headed(best),
        case=rule_notes.ADVISED if site is None else "",
        topic="" if site is None else f"{rule_notes.ADVISED} for {diagnosis.breakdown.sites[site].callee}",
        help=_clause(best.steps[0]) if best.steps else "",
        worth=1 - 1 / best.speed_up.estimate if best.speed_up.estimate > 0 else None,
        numbers=_gain(best),
        suggestion=best.snippet,
    )
    return record._replace(**where)


def _gain(advice: Advice) -> dict[str, float | None]:
    estimate, low, high = advice.speed_up
    return {"speed_up": estimate, "speed_up_low": low, "speed_up_high": high, "workers": advice.workers}


def _blocked(diagnosis: Diagnosis, places: Places) -> Iterator[Record]:
    """Where event loops were held up: one record for each place, whoever ran the loop; one of them has the advice."""
    blocks = [block for loop in diagnosis.breakdown.event_loops for block in loop.blocks]
    unblock = next((advice for advice in diagnosis.advice if advice.strategy is Strategy.UNBLOCK_EVENT_LOOP), None)
    loop = diagnosis.breakdown.most_held_up
    worst = loop.worst if loop and unblock else None
    for found in measured.blocks_by_place(blocks):
        where = places.at(found[0].file, found[0].line)
        record = blocked_record(found, diagnosis.breakdown.wall_ns)
        record = record._replace(**{**where, "function": found[0].function})
        yield _with_advice(record, unblock) if unblock and worst in found else record


def _with_advice(record: Record, advice: Advice) -> Record:
    """The place that holds event loops up for longest, with what it gains to change that."""
    return record._replace(
        title=f"{record.title}; {words.headed(advice)}",
        help=_clause(advice.steps[0]) if advice.steps else record.help,
        numbers={**record.numbers, **_gain(advice)},
        suggestion=advice.snippet,
    )


def _findings(diagnosis: Diagnosis, places: Places, rules: Mapping[str, RuleNote]) -> Iterator[Record]:
    """What the scanner found at lines that were seen running, with their share of the run."""
    for placed in diagnosis.breakdown.placed(diagnosis.recording.facts.findings):
        if placed.share is not None and placed.share >= _LEAST_SHARE:
            yield _finding_record(placed, places, rules.get(placed.finding.rule))


def _finding_record(placed: Placed, places: Places, note: RuleNote | None) -> Record:
    finding, share = placed.finding, placed.share or 0.0
    record = Record(
        rule=finding.rule,
        severity=Severity(finding.severity),
        message=f"{_clause(finding.message)}; {figures.share(share)} of the run is spent here",
        fingerprint="",
        name="" if note is None else note.name,
        help=finding.hint,
        end_line=finding.end_line,
        worth=share - 1,  # after all whose gain is known
        numbers={"share": share},
    )
    return record._replace(**places.at(finding.file, finding.line, finding.end_line))


def _waits(diagnosis: Diagnosis, places: Places) -> Iterator[Record]:
    """The largest waits for the outside, where there is nothing that would shorten them."""
    wall_ns = diagnosis.breakdown.wall_ns
    found = [
        wait
        for wait in measured.joined(diagnosis.breakdown.waits)
        if wait.state in _WAITS and wait.file is not None and wait.wall_ns >= _LEAST_WAIT * wall_ns
    ]
    for wait in found[:_MOST_WAITS]:
        target = f" for `{wait.target}`" if wait.target else ""
        share = wait.wall_ns / wall_ns
        record = Record(
            rule=wait.state.value.replace("_", "-"),
            severity=Severity.INFO,
            message=f"{figures.share(share)} of the run is spent so{target}: {figures.duration(wait.wall_ns)} in "
            f"{figures.tally(wait.count, 'wait')}",
            fingerprint="",
            title=_WAITS[wait.state],
            worth=share,
            numbers={"share": share, "wall_s": wait.wall_ns / 1e9, "count": wait.count},
        )
        yield record._replace(**places.at(wait.file or "", wait.line or 0))
