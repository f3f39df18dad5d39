"""IOB201 to IOB204 and IOB211 to IOB214: loops whose iterations wait in turn, and whether they need to."""

from __future__ import annotations

import re

from iobound.model.finding import Confidence, Finding, Severity, Span
from iobound.verbs.scan.loop.rewriting import WORKERS
from iobound.verbs.scan.rules import pacing, per_item
from iobound.verbs.scan.rules.loops import Story, Wait, stories
from iobound.verbs.scan.rules.program import Program
from iobound.verbs.scan.rules.rule import Findings, Rule

_W, _I, _H, _M = Severity.WARNING, Severity.INFO, Confidence.HIGH, Confidence.MEDIUM

MAP = Rule("IOB201", "independent-waits-in-sequence", _W, _H, "Iterations that do not need one another wait in turn.")
COMPREHENSION = Rule("IOB202", "waits-in-comprehension", _W, _H, "A comprehension waits for one element after another.")
REDUCTION = Rule("IOB203", "waits-before-reduction", _W, _M, "A loop waits for each item before it adds it up.")
ORDERED = Rule("IOB204", "waits-before-ordered-output", _W, _M, "A loop waits for each item before it writes it out.")
CHILDREN = Rule("IOB211", "subprocess-per-item", _W, _M, "A loop runs one child process after another.")
BLOCKED = Rule("IOB212", "waits-that-need-one-another", _I, _H, "A loop waits in turn, and its iterations are tied.")
COMPUTING = Rule(
    "IOB213", "python-computing-per-item", _W, _M, "Independent items are computed one after another.", default=False
)
NATIVE = Rule("IOB214", "native-computing-per-item", _W, _M, "Native code that frees the GIL runs for one item a time.")
RULES = (MAP, COMPREHENSION, REDUCTION, ORDERED, CHILDREN, BLOCKED, COMPUTING, NATIVE)

_WORDS = {
    "network": "the network",
    "dns": "a name server",
    "database": "a database",
    "subprocess": "a child process",
    "disk": "a file",
}
_COMMANDS = re.compile(r"(?i)cmd|command|step|stage|hook|script|action|pipe")
"""Names of items that are run in an order, mostly."""

_CHANGING = re.compile(r"(?i)install|upgrade|migrat|deploy|checkout|commit|edit")
"""Names of functions whose children change what all of them share, or ask a person."""

_NOTES = re.compile(
    r"^(collects into|reduction over|ordered output|sleeps on purpose|the last value of|changes `\w+` itself)"
    r"|counts iterations|is shared: one for each worker is safer$"
)
"""What the judge says of loops that it minds without being an obstacle."""

_PARSING = (
    "pandas.read_", "polars.read_", "pyarrow.", "openpyxl.load_workbook", "docx.", "pypdf.", "pdfplumber.",
    "cv2.imread", "numpy.loadtxt", "numpy.genfromtxt", "zipfile.ZipFile.extractall",
    "tarfile.TarFile.extractall",
)  # fmt: skip
_OVERLAPPING = (
    "huggingface_hub.snapshot_download", ".upload_file", ".download_file", ".upload_fileobj", ".download_fileobj",
)  # fmt: skip
"""How names end of calls that use several connections by themselves: more of them share the same line."""

_ALTOGETHER_S = 0.02
"""Computing of all items that is worth a pool."""


def in_program(program: Program) -> Findings:
    """Look at the loops around calls that wait, or that compute for long."""
    told: set[tuple[str, str, Span]] = set()
    for story in stories(program):
        for finding in per_item.at_calls(story):
            key = (finding.rule, finding.file, finding.span)
            if key not in told:  # a call belongs to several loops, to be told once
                told.add(key)
                yield finding
        yield from _judged(story)


def _judged(story: Story) -> Findings:
    """One finding about the loop: the first that tells what is to be done about it."""
    traits = story.traits
    if traits.tries_again or traits.pooled or traits.yields or traits.elsewhere or story.is_short:
        return
    if story.main.site.span in traits.polling:
        return  # what is waited for goes on side by side already
    paced = pacing.of(story)
    if paced is not None:
        yield paced
    elif story.is_for and not story.fact.throttled and story.main.kind not in ("database", "sleep"):
        yield from _computing(story) if story.main.computes else _waiting(story)


def _waiting(story: Story) -> Findings:
    wait, independent, traits = story.main, story.fact.independent, story.traits
    if per_item.is_redundant(story, wait) or (wait.kind == "disk" and not _worth_telling(story)):
        return
    rule = _rule(story)
    if _is_far(story, wait) or (rule is CHILDREN and _is_the_same(story, wait)):
        return
    if independent == "no":
        if traits.limit and any(f"`{traits.limit}`" in note for note in story.fact.obstacles):
            return  # it goes on to a number of them on purpose
        if wait.kind != "disk" and not traits.idle_target:
            yield _blocked(story)
    elif wait.site.span in traits.shown or traits.resumes:
        yield _shown(story, rule)
    elif independent == "unknown":
        yield _perhaps(story, rule)
    elif rule is CHILDREN and _are_commands(story):
        yield _commands(story)
    else:
        yield _independent(story, rule)


def _are_commands(story: Story) -> bool:
    """Whether children may need what others did before, or change the same thing."""
    if story.traits.runs_items or _COMMANDS.search(f"{story.fact.target} {story.fact.iterable}"):
        return True
    return any(_CHANGING.search(step.name.rpartition(".")[2]) for step in story.chain(story.main)[:-1])


def _what(story: Story) -> str:
    return f"each iteration waits for `{story.main.name}` ({_WORDS[story.main.kind]})"


def _independent(story: Story, rule: Rule) -> Finding:
    is_file = story.main.kind == "disk"
    return story.finding(
        rule,
        f"{_what(story)}, and none needs another's result{_proof(story)}",
        _how(story),
        severity=_I if is_file or story.main.name.endswith(_OVERLAPPING) else _W,
        confidence=Confidence.LOW if story.traits.together or (is_file and not _is_much_work(story)) else None,
        suggestion=_suggestion(story),
    )


def _perhaps(story: Story, rule: Rule) -> Finding:
    return story.finding(
        rule,
        f"{_what(story)}; they may not need one another: {_told(story)}",
        f"if that holds, {_how(story)}",
        severity=_I,
        confidence=Confidence.LOW if story.main.kind in ("disk", "subprocess") else _confidence(story),
    )


def _shown(story: Story, rule: Rule) -> Finding:
    """What iterations print, or do, is to be read or done in their order."""
    told = "how far it has come is used" if story.traits.resumes else "what they print is to be read in this order"
    return story.finding(
        rule,
        f"{_what(story)}; {told}",
        "ask for several at once, keep what each is given, and print in order: `ThreadPoolExecutor().map`",
        severity=_I,
        confidence=Confidence.LOW,
    )


def _confidence(story: Story) -> Confidence:
    return (
        Confidence.LOW if story.traits.together else min(_M, story.confidence(story.main), key=lambda each: each.rank)
    )


def _commands(story: Story) -> Finding:
    return story.finding(
        CHILDREN,
        f"{_what(story)}; nothing that can be seen ties them together, but commands may need what others did before",
        f"if they do not, {_how(story)}",
        severity=_I,
        confidence=Confidence.LOW,
    )


def _suggestion(story: Story) -> str:
    """The loop with threads; for children as many as there are CPUs."""
    text = story.traits.suggestion if len(story.fact.ordered) <= 1 else ""
    if text and story.main.kind == "subprocess":
        return "import os\n" + text.replace(f"max_workers={WORKERS}", "max_workers=os.cpu_count()")
    return text


def _is_the_same(story: Story, wait: Wait) -> bool:
    """Whether `for n in range(5)` makes the same call over and over: an attempt, or a measurement."""
    fixed = wait.effect.through is None and wait.site.span in story.traits.fixed
    return fixed and story.fact.iterable.startswith("range(")


def _is_far(story: Story, wait: Wait) -> bool:
    """Whether too much lies between the loop and the wait to say anything of the loop."""
    steps = wait.effect.depth + 3 * story.maybes(wait)
    return steps > (4 if story.fact.independent == "yes" else 3)


def _worth_telling(story: Story) -> bool:
    """Whether to say that files wait in turn: reading a small file is no wait where it lies in memory already."""
    if story.traits.in_memory or story.main.name.startswith("os.") or story.main.site.span in story.traits.fixed:
        return False  # waits for the disk on purpose, or reads the same
    if _is_much_work(story):
        return story.fact.independent != "no"
    return story.fact.independent == "yes" and story.main.effect.depth == 0 and not story.is_rare(story.main)


def _is_much_work(story: Story) -> bool:
    """Whether items take long besides moving bytes: tables and pictures are parsed."""
    return story.main.name.startswith(_PARSING) or any(wait.computes for wait in story.waits)


def _rule(story: Story) -> Rule:
    notes = story.fact.obstacles
    if story.main.kind == "subprocess":
        return CHILDREN
    if story.loop.kind == "comprehension":
        return COMPREHENSION
    if any(note.startswith("ordered output") for note in notes):
        return ORDERED
    return REDUCTION if any(note.startswith("reduction over") for note in notes) else MAP


def _how(story: Story) -> str:
    if story.main.kind == "subprocess":
        return "run several at once: `ThreadPoolExecutor(os.cpu_count()).map` (the work is in the children)"
    if story.main.name.endswith(_OVERLAPPING):
        return "it uses several connections by itself: `ThreadPoolExecutor().map` helps only where each takes little"
    if any(note.startswith("ordered output") for note in story.fact.obstacles):
        return "wait in threads and write here: `ThreadPoolExecutor().map` gives results in order"
    if story.main.kind == "disk" and not _is_much_work(story):
        return "where they are large, many or on another machine, read several at once with `ThreadPoolExecutor().map`"
    return "overlap them: `ThreadPoolExecutor().map` (waiting releases the GIL)"


def _proof(story: Story) -> str:
    notes = [note for note in story.fact.obstacles if not note.startswith("sleeps")]
    return f" ({'; '.join(notes[:3])})" if notes else ""


def _told(story: Story) -> str:
    telling = [text for text in story.fact.obstacles if not _NOTES.search(text)]
    return "; ".join(telling[:3]) or "not all of it can be seen"


def _blocked(story: Story) -> Finding:
    wait = story.main
    return story.finding(
        BLOCKED,
        f"iterations wait in turn for `{wait.name}` ({_WORDS[wait.kind]}) and need one another: {_told(story)}",
        "take what ties them out of the loop, then they can overlap",
        confidence=Confidence.LOW if _is_search(story) else None,
    )


def _is_search(story: Story) -> bool:
    """Whether it is left as soon as something fits, through other functions: what comes after need not be asked for."""
    return story.main.effect.through is not None and any(
        note.startswith("stops early") for note in story.fact.obstacles
    )


def _computing(story: Story) -> Findings:
    wait = story.main
    if story.fact.independent == "no" or wait.effect.weight_s * story.trips < _ALTOGETHER_S or _is_far(story, wait):
        return
    unknown = story.fact.independent == "unknown"
    tied = f"; they may not need one another: {_told(story)}" if unknown else f", one item after another{_proof(story)}"
    frees = wait.kind == "cpu-native-releases-gil"
    how = (
        "`ThreadPoolExecutor().map`: the GIL is free meanwhile"
        if frees
        else "`ProcessPoolExecutor().map` with a chunk size: threads would share the GIL"
    )
    yield story.finding(
        NATIVE if frees else COMPUTING,
        f"each iteration computes with `{wait.name}`{tied}",
        how,
        severity=_I if unknown else None,
        suggestion=_suggestion(story) if frees and not unknown else "",
    )
