"""What findings advise where the usual advice would break something, or where a better one can be seen."""

from __future__ import annotations

import textwrap

import pytest

from iobound.model.finding import Confidence, Finding, Severity
from iobound.verbs.scan.scanning import findings, module_names, read_facts


def found(rule: str, **files: str) -> list[Finding]:
    sources = {f"{name}.py": textwrap.dedent(text).encode() for name, text in files.items()}
    tops = frozenset(name for name, _ in module_names(dict.fromkeys(sources, 0)).values())
    facts = {file: read_facts(file, data, tops) for file, data in sources.items()}
    return [each for each in findings(facts, sources.get) if each.rule == rule]


SETTING = """
    import contextvars
    scope = contextvars.ContextVar("scope")

    def enter(name):
        {}
"""
TELLING = """
    import contextvars
    import requests
    from setting import enter

    def tell(name):
        enter(name)
        requests.get("https://events.test/" + name)

    async def work():
        tell("work")
"""


def test_what_sets_context_variables_is_not_handed_over_as_a_whole() -> None:
    (told,) = found("IOB110", setting=SETTING.format("scope.set(name)"), telling=TELLING)
    assert told.hint.startswith("hand over only the part that waits: `tell` sets context variables")


def test_what_puts_them_back_is_handed_over_as_a_whole() -> None:
    body = "token = scope.set(name); scope.reset(token)"
    (told,) = found("IOB110", setting=SETTING.format(body), telling=TELLING)
    assert told.hint.startswith("hand over the whole of it: `await asyncio.to_thread(tell")


def test_a_set_of_another_kind_is_no_context_variable() -> None:
    (told,) = found("IOB110", setting="def enter(name):\n    import config\n    config.set(name)", telling=TELLING)
    assert told.hint.startswith("hand over the whole of it")


def test_a_context_variable_of_another_file_is_known() -> None:
    telling = TELLING.replace("import enter", "import scope").replace("enter(name)", "scope.set(name)")
    (told,) = found("IOB110", setting=SETTING.format("pass"), telling=telling)
    assert told.hint.startswith("hand over only the part that waits")


POLLING = """
    import threading
    import time

    def wait(over: threading.Event, cursor):
        while {}:
            time.sleep(0.1)
"""


@pytest.mark.parametrize(
    ("test", "hint"),
    [
        ("not cursor.number and not over.is_set()", "`over.wait(…)` with the same seconds"),
        ("not cursor.done()", "wait for an event or a condition"),
    ],
)
def test_an_event_that_is_asked_for_can_be_waited_for(test: str, hint: str) -> None:
    (told,) = found("IOB207", polling=POLLING.format(test))
    assert told.hint.startswith(hint)


@pytest.mark.parametrize(
    ("file", "text", "is_template"),
    [
        ("{{ name }}/conf.py", "x = = 1\n", True),
        ("conf.py", "a = 1\nfrom {{ package }} import b\n", True),
        ("conf.py", "{% if wide %}\na = 1\n", True),
        ("conf.py", "a = {{1: 2}}\nx = = 1\n", False),
        ("conf.py", "x = = 1\n", False),
    ],
)
def test_a_template_is_not_meant_to_be_python(file: str, text: str, is_template: bool) -> None:
    (told,) = read_facts(file, text.encode()).findings
    assert (told.severity, told.confidence) == (
        (Severity.INFO, Confidence.LOW) if is_template else (Severity.WARNING, Confidence.HIGH)
    )


OVERLAPPING = """
    import {}

    def load(names, folder):
        for name in names:
            {}(name, cache_dir=folder)
"""


@pytest.mark.parametrize(
    ("module", "call", "severity"),
    [
        ("huggingface_hub", "huggingface_hub.snapshot_download", Severity.INFO),
        ("huggingface_hub", "huggingface_hub.hf_hub_download", Severity.WARNING),
    ],
)
def test_what_overlaps_by_itself_is_information(module: str, call: str, severity: Severity) -> None:
    (told,) = found("IOB201", loading=OVERLAPPING.format(module, call))
    assert told.severity is severity
