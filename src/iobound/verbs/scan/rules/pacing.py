"""IOB207 to IOB209: loops that are slow on purpose, or that learn from each answer where to go on."""

from __future__ import annotations

from iobound.model.finding import Confidence, Finding, Severity
from iobound.verbs.scan.rules.loops import Story, Wait
from iobound.verbs.scan.rules.rule import Rule

_I, _H, _M = Severity.INFO, Confidence.HIGH, Confidence.MEDIUM

POLLING = Rule("IOB207", "sleep-until-done", _I, _H, "A loop sleeps until something has come about.")
THROTTLE = Rule("IOB208", "deliberate-throttle", _I, _M, "A loop sleeps on purpose between requests.", default=False)
PAGES = Rule("IOB209", "page-after-page", _I, _H, "Each request needs what the one before gave.", default=False)
RULES = (POLLING, THROTTLE, PAGES)

_REMOTE = frozenset({"network", "database", "dns", "subprocess"})
_NEAR = 3
"""Calls from a loop to a request up to which the request is likely to be for a page."""

_STREAMS = frozenset("read read1 readline readinto recv recv_into receive iter_content iter_lines".split())
"""Last names of calls that go on reading one answer."""


def of(story: Story) -> Finding | None:
    """What a loop's pace says, None when it does not pace itself."""
    traits, main = story.traits, story.main
    remote = main.kind in _REMOTE
    if traits.polls and story.fact.throttled and not traits.pages and not _is_endless(story):
        sleep = next((wait for wait in story.waits if wait.kind == "sleep"), main)
        return story.finding(
            POLLING,
            "sleeps and looks again until something has come about: a deliberate wait, nothing that can overlap",
            f"`{traits.event}.wait(…)` with the same seconds, in place of the sleep, ends as soon as it is set"
            if traits.event
            else "wait for an event or a condition where there is one, else sleep longer",
            wait=sleep,
            confidence=None if traits.idles else Confidence.LOW,
        )
    if traits.pages and main.kind in ("network", "database") and not _is_stream(main):
        return story.finding(
            PAGES,
            f"each request (`{main.name}`) needs what the one before gave: pages cannot be fetched at once",
            "fetch the next page while this one is worked on, or ask by number or offset if the service can",
            confidence=None if _is_by_answer(story) else Confidence.LOW,
        )
    if story.fact.throttled and story.is_for and remote and main.kind != "subprocess":
        return story.finding(
            THROTTLE,
            f"sleeps between calls of `{main.name}`: if that is a rate limit, any parallel version must keep it",
            "keep to the rate with a limiter that all workers share",
        )
    return None


def _is_by_answer(story: Story) -> bool:
    """Whether a request is made of what the one before gave, rather than of a number or in a service's own time."""
    near = story.main.effect.depth <= _NEAR and story.main.kind == "network"
    return near and story.traits.follows and not (story.fact.throttled or story.traits.sleeps)


def _is_stream(wait: Wait) -> bool:
    """Whether a loop goes on reading one answer, or one connection."""
    return wait.effect.through is None and wait.name.rpartition(".")[2] in _STREAMS


def _is_endless(story: Story) -> bool:
    """Whether it is a service that goes on for ever, rather than until something has come about."""
    always = story.fact.iterable in ("True", "1")
    return always and not any(note.startswith("stops early") for note in story.fact.obstacles)
