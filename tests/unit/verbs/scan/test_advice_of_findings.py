"""What findings say besides where they are: how grave it is, and what to do instead."""

from __future__ import annotations

import pytest

from iobound.model.finding import Confidence, Severity
from iobound.verbs.scan import scanning


def findings_of(source: str, rule: str):
    facts = {"a.py": scanning.read_facts("a.py", source.encode())}
    found = scanning.findings(facts, {"a.py": source.encode()}.get)
    return [each for each in found if each.rule == rule]


ALONE = """\
import asyncio, time


async def main():
    time.sleep(1)
    await asyncio.sleep(1)


asyncio.run(main())
"""


def test_a_coroutine_that_has_its_loop_for_itself_gets_information():
    (found,) = findings_of(ALONE, "IOB101")
    assert (found.severity, found.confidence) == (Severity.INFO, Confidence.MEDIUM)
    assert "nothing else runs" in found.message


def test_one_of_which_that_is_not_known_gets_a_warning():
    (found,) = findings_of(ALONE.replace("asyncio.run(main())", ""), "IOB101")
    assert (found.severity, found.confidence) == (Severity.WARNING, Confidence.HIGH)
    assert "every other task" in found.message


@pytest.mark.parametrize(
    ("code", "instead"),
    [
        ('open(name, "rb").read()', "`await asyncio.to_thread(Path(name).read_bytes)`"),
        ("open(name).read()", "`await asyncio.to_thread(Path(name).read_text)`"),
        ('open(names[0], "w").write(text)', "`await asyncio.to_thread(Path(names[0]).write_text, …)`"),
    ],
)
def test_what_opens_and_reads_in_one_expression_is_handed_over_as_a_whole(code, instead):
    (found,) = findings_of(f"async def f(name, names, text):\n    return {code}\n", "IOB104")
    assert instead in found.hint


HANDLER = """\
import requests
from fastapi import FastAPI

app = FastAPI()


@app.get("/")
async def index(path: str):
    return {}
"""


@pytest.mark.parametrize(
    ("code", "severity"),
    [('requests.get("http://a.example")', Severity.WARNING), ("open(path).read()", Severity.INFO)],
)
def test_a_handler_is_as_grave_as_what_it_waits_for(code, severity):
    (found,) = findings_of(HANDLER.format(code), "IOB117")
    assert (found.severity, found.confidence) == (severity, Confidence.MEDIUM)


POOL = """\
import multiprocessing, sys


def work(item):
    return item


if __name__ == "__main__":
    pool = multiprocessing.Pool(2)
    print(pool.map(work, "ab"))
    {}
"""


@pytest.mark.parametrize(("last", "severity"), [("sys.exit(0)", Severity.INFO), ("print()", Severity.WARNING)])
def test_a_pool_of_a_main_program_that_exits_is_no_grave_matter(last, severity):
    (found,) = findings_of(POOL.format(last), "IOB609")
    assert found.severity is severity


def test_what_a_call_has_already_is_not_proposed():
    source = "import subprocess\nsubprocess.Popen(['a'], start_new_session=True, preexec_fn=prepare)\n"
    (found,) = findings_of(source, "IOB608")
    assert "`process_group=`" in found.hint
    assert "start_new_session" not in found.hint
