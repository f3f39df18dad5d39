"""One ScanResult per story: what every format of findings is tried on."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from iobound.model.finding import (
    Confidence,
    Edit,
    Finding,
    Fix,
    RuleNote,
    ScanResult,
    Severity,
    Span,
    Step,
)

RULES = {
    note.id: note
    for note in (
        RuleNote(
            "IOB101",
            "sleep-in-coroutine",
            "A coroutine calls `time.sleep`, which stops every other task.",
            Severity.ERROR,
            Confidence.HIGH,
            "# What it finds\n\nA call of `time.sleep` in an `async def`.\n\n"
            "# Bad\n\n```python\nasync def f():\n    time.sleep(1)\n```\n",
        ),
        RuleNote(
            "IOB110",
            "hidden-wait-in-coroutine",
            "A coroutine calls a function that waits further down.",
            Severity.WARNING,
            Confidence.MEDIUM,
        ),
        RuleNote(
            "IOB201",
            "independent-waits-in-sequence",
            "A loop waits for one item after the other though the items do not depend on each other.",
            Severity.WARNING,
            Confidence.HIGH,
            "# What it finds\n\nLoops that wait.\n",
        ),
        RuleNote("IOB207", "sleep-in-loop", "A loop sleeps between two looks.", Severity.INFO, Confidence.HIGH),
        RuleNote(
            "IOB904", "not-parsed", "A file is no Python that this version reads.", Severity.INFO, Confidence.HIGH
        ),
    )
}

POOL = """\
from concurrent.futures import ThreadPoolExecutor

with ThreadPoolExecutor(max_workers=8) as pool:
    for page in pool.map(requests.get, urls):
        pages.append(page.text)
"""

SLEEP = Finding(
    "IOB101",
    "app/poll.py",
    Span(12, 8, 12, 21),
    Severity.ERROR,
    Confidence.HIGH,
    "`time.sleep` stops the event loop and every task on it for as long as it sleeps",
    hint="`await asyncio.sleep(5)` instead",
    function="Poller.run",
    excerpt="        time.sleep(5)",
    weight_s=5.0,
    fix=Fix(
        "Replace `time.sleep` by `await asyncio.sleep`",
        (Edit(Span(12, 8, 12, 18), "await asyncio.sleep"),),
        safe=True,
    ),
)

LOOP = Finding(
    "IOB201",
    "app/crawl.py",
    Span(24, 4, 27, 30),
    Severity.WARNING,
    Confidence.HIGH,
    "`requests.get` waits for the network once per url, one after the other; the items are independent, "
    "`pages` only collects",
    hint="run the loop through a pool of threads: waits overlap, for they release the GIL",
    function="crawl",
    excerpt="    for url in urls:",
    weight_s=1.25,
    suggestion=POOL,
)

CHAIN = Finding(
    "IOB110",
    "app/handlers/upload.py",
    Span(8, 15, 8, 34),
    Severity.WARNING,
    Confidence.MEDIUM,
    "`load_settings` reads a file while the event loop stands still",
    hint="put it on a thread: `await asyncio.to_thread(load_settings, request, defaults=DEFAULTS)`",
    function="Upload.post",
    excerpt="    settings = load_settings(request, defaults=DEFAULTS)",
    chain=(
        Step("app.settings.load_settings", "app/handlers/upload.py", 8),
        Step("app.settings.parse_with_includes", "app/settings.py", 31),
        Step("builtins.open", "app/settings.py", 57),
    ),
    weight_s=0.0001,
)

CELL = Finding(
    "IOB207",
    "notebooks/explore.ipynb",
    Span(4, 4, 4, 17),
    Severity.INFO,
    Confidence.HIGH,
    "the loop sleeps between two looks at `job.done()`",
    hint="wait for the event itself where there is one",
    excerpt="    time.sleep(1)",
    cell=3,
)

BROKEN = Finding(
    "IOB904",
    "old/python2.py",
    Span(1, 6, 1, 7),
    Severity.INFO,
    Confidence.HIGH,
    "not read: Missing parentheses in call to 'print'",
    excerpt='print "x"',
)


def mixed() -> ScanResult:
    """Every kind of finding: fixable, over several lines, with a chain, in a notebook, not parsed."""
    return ScanResult(
        findings=(LOOP, CHAIN, SLEEP, CELL, BROKEN),
        rules=RULES,
        files=214,
        lines=61_204,
        unread=1,
        left_out={"test files": 14, "larger than 1 MB": 1},
        ignored=3,
    )


def clean() -> ScanResult:
    """Nothing found."""
    return ScanResult((), rules=RULES, files=3, lines=1_200, left_out={"test files": 1})


STORIES: Mapping[str, Callable[[], ScanResult]] = {"mixed": mixed, "clean": clean}


def poisoned(text):
    """A scan in which every name, path and piece of source is this text; twice, so that fingerprints must differ."""
    finding = LOOP._replace(
        file=text or "-",
        span=Span(3, 2, 3, 9),
        message=text,
        hint=text,
        function=text,
        excerpt=text,
        chain=(Step(text, text, 1), Step(text, text, 2)),
        suggestion=text,
        fix=Fix(text, (Edit(Span(3, 2, 3, 9), text),), safe=True),
    )
    note = RuleNote("IOB201", text, text, finding.severity, finding.confidence, text)
    return ScanResult((finding, finding._replace(cell=2)), {"IOB201": note}, 1, 1, left_out={text: 1})
