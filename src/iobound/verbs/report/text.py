"""The text report: the answer in five lines, then everything that it rests on."""

from __future__ import annotations

from iobound.model.diagnosis import Diagnosis
from iobound.verbs.report import concluded, functions, headline, measured, plain, scanned, unseen
from iobound.verbs.report.blocks import Page, Section
from iobound.verbs.report.style import TextStyle


def render(diagnosis: Diagnosis, style: TextStyle) -> str:
    """The report for people; with colour it is written by rich, otherwise without loading it."""
    page = compose(diagnosis, style)
    if not style.colour:
        return plain.render(page, style)
    from iobound.verbs.report import terminal

    return terminal.render(page, style)


def compose(diagnosis: Diagnosis, style: TextStyle) -> Page:
    """The report as blocks: sections that have nothing to say are left out."""
    sections: tuple[Section | None, ...] = (
        concluded.checks(diagnosis.checks),
        functions.section(diagnosis),
        measured.budget(diagnosis),
        concluded.advice(diagnosis),
        measured.waits(diagnosis),
        measured.hotspots(diagnosis),
        scanned.section(diagnosis),
        measured.phases(diagnosis),
        measured.threads(diagnosis),
        measured.event_loops(diagnosis),
        concluded.predictions(diagnosis),
        concluded.evidence(diagnosis),
        unseen.section(diagnosis),
    )
    lines = headline.for_log(diagnosis) if style.plain else headline.for_screen(diagnosis)
    return Page(
        headline=lines,
        run=(headline.run(diagnosis, plain=style.plain),),
        sections=tuple(section for section in sections if section is not None),
    )
