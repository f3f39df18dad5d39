"""IOB207 to IOB209: loops that are slow on purpose, or that learn from each answer where to go on."""

from __future__ import annotations

from iobound.model.finding import Confidence, Finding, Severity
from iobound.scan.rules.loops import Story
from iobound.scan.rules.rule import Rule

_I, _H, _M = Severity.INFO, Confidence.HIGH, Confidence.MEDIUM

POLLING = Rule("IOB207", "sleep-until-done", _I, _H, "A loop sleeps until something has come about.")
THROTTLE = Rule("IOB208", "deliberate-throttle", _I, _M, "A loop sleeps on purpose between requests.")
PAGES = Rule("IOB209", "page-after-page", _I, _H, "Each request needs what the one before gave.")
RULES = (POLLING, THROTTLE, PAGES)

_REMOTE = frozenset({"network", "database", "dns", "subprocess"})


def of(story: Story) -> Finding | None:
    """What a loop's pace says, None when it does not pace itself."""
    traits, main = story.traits, story.main
    remote = main.kind in _REMOTE
    if traits.polls and story.fact.throttled and not traits.pages and not _is_endless(story):
        sleep = next((wait for wait in story.waits if wait.kind == "sleep"), main)
        return story.finding(
            POLLING,
            "sleeps and looks again until something has come about: a deliberate wait, nothing that can overlap",
            "wait for an event or a condition where there is one, else sleep longer",
            wait=sleep,
        )
    if traits.pages and main.kind in ("network", "database"):
        return story.finding(
            PAGES,
            f"each request (`{main.name}`) needs what the one before gave: pages cannot be fetched at once",
            "fetch the next page while this one is worked on, or ask by number or offset if the service can",
        )
    if story.fact.throttled and story.is_for and remote and main.kind != "subprocess":
        return story.finding(
            THROTTLE,
            f"sleeps between calls of `{main.name}`: if that is a rate limit, any parallel version must keep it",
            "keep to the rate with a limiter that all workers share",
        )
    return None


def _is_endless(story: Story) -> bool:
    """Whether it is a service that goes on for ever, rather than until something has come about."""
    always = story.fact.iterable in ("True", "1")
    return always and not any(note.startswith("stops early") for note in story.fact.obstacles)
