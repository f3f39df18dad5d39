"""The magics in a real kernel: cells run as without us, and the report is about the cell."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import BaseServer, StreamRequestHandler, ThreadingTCPServer
from typing import Any

import pytest

_spec = importlib.util.spec_from_file_location("notebooks", Path(__file__).with_name("notebooks.py"))
assert _spec is not None and _spec.loader is not None
notebooks = importlib.util.module_from_spec(_spec)
sys.modules["notebooks"] = notebooks
_spec.loader.exec_module(notebooks)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="threads are observed from outside on Linux only")

WHILE_S = 0.05

ADDRESSES = """
import threading, time, urllib.request
addresses = [f"http://127.0.0.1:{web_port}/{{number}}" for number in range(24)]
"""

DOWNLOADS = """
pages = []
for address in addresses:
    with urllib.request.urlopen(address) as answer:
        pages.append(answer.read())
len(pages)
"""

STREAMS = """
import asyncio
async def fetch(number):
    reader, writer = await asyncio.open_connection("127.0.0.1", {stream_port})
    writer.write(b"x\\n")
    line = await reader.readline()
    writer.close()
    return line
"""

COUNT = """
def count(number):
    total = 0
    for each in range(number):
        total += each
    return total
"""

POOL = """
from concurrent.futures import ThreadPoolExecutor
pool = ThreadPoolExecutor(4)
list(pool.map(time.sleep, [0.01] * 8))
"""

PROCESSES = """
from multiprocessing import get_context
with get_context("fork").Pool(2) as workers:
    done = workers.map(count, [1_500_000] * 8)
"""

OBSERVED = {
    "sleep": "time.sleep(0.6)",
    "network": DOWNLOADS,
    "computing": "for number in range(5_000_000):\n    number * number",
    "pool": "list(pool.map(time.sleep, [0.1] * 24))",
    "threads": "list(pool.map(urllib.request.urlopen, addresses * 4)) and None",
    "processes": PROCESSES,
    "awaited": "await asyncio.sleep(0.6)",
    "in turn": "lines = []\nfor number in range(16):\n    lines.append(await fetch(number))",
    "in a task": "async def bad():\n    time.sleep(0.3)\nawait asyncio.gather(bad(), bad())",
    "child": "!sleep 0.6",
}
BOUND = {
    "sleep": "sleep",
    "network": "io",
    "computing": "cpu",
    "pool": "sleep",
    "threads": "io",
    "awaited": "sleep",
    "in turn": "io",
    "in a task": "sleep",
    "child": "io",
}


class Slow(BaseHTTPRequestHandler):
    """Answers every request after a while."""

    def do_GET(self) -> None:
        time.sleep(WHILE_S)
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_: object) -> None:
        pass


class SlowStream(StreamRequestHandler):
    """Answers every line after a while."""

    def handle(self) -> None:
        self.rfile.readline()
        time.sleep(WHILE_S)
        self.wfile.write(b"ok\n")


@contextmanager
def serving(server: BaseServer) -> Iterator[int]:
    """Let it serve in a thread of ours, and give its port."""
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def web_server() -> AbstractContextManager[int]:
    return serving(ThreadingHTTPServer(("127.0.0.1", 0), Slow))


def stream_server() -> AbstractContextManager[int]:
    return serving(ThreadingTCPServer(("127.0.0.1", 0), SlowStream))


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """The JSON report of each cell, all of one kernel."""
    with web_server() as web_port, stream_server() as stream_port:
        addresses, streams = ADDRESSES.format(web_port=web_port), STREAMS.format(stream_port=stream_port)
        cells = ["%load_ext iobound", addresses, streams, COUNT, POOL]
        cells += [f"%%iobound -w 8 -r json\n{body}" for body in OBSERVED.values()]
        found = notebooks.run(cells, tmp_path_factory.mktemp("kernel"))
    assert not [output.error for output in found if output.error]
    return {name: json.loads(output.written()) for name, output in zip(OBSERVED, found[5:], strict=True)}


@pytest.mark.parametrize("name", BOUND)
def test_the_verdict_is_about_the_cell(
    reports: dict[str, dict[str, Any]], was_disturbed: Callable[[dict[str, Any]], bool], name: str
) -> None:
    """The kernel's own threads and its event loop, idle all the while, colour nothing."""
    report = reports[name]
    assert report["verdict"]["bound"] == BOUND[name] or was_disturbed(report)
    assert sum(report["states"].values()) == pytest.approx(1.0, abs=1e-6)
    assert report["states"]["wait_ipc"] < 0.05
    assert report["states"]["idle"] < 0.1


def test_a_cell_that_drives_processes_is_what_they_are(reports: dict[str, dict[str, Any]]) -> None:
    """Most of its time is theirs, however many CPUs this machine has to spare for them."""
    states = reports["processes"]["states"]
    assert states["cpu_python"] + states["cpu_native"] + states["wait_cpu"] > 0.5


def test_a_loop_of_downloads_gets_advice_with_the_cells_own_names(reports: dict[str, dict[str, Any]]) -> None:
    """Its source is read from the shell, and so is what it needs of other cells."""
    report = reports["network"]
    (site,) = [site for site in report["sites"] if site["callee"] == "urllib.request.urlopen"]
    assert (site["file"], site["line"], site["independent"]) == (report["command"][0], 5, "yes")
    threads = next(advice for advice in report["advice"] if advice["strategy"] == "threads")
    assert threads["speed_up"]["low"] > 1
    assert "pool.map(urllib.request.urlopen, addresses)" in threads["snippet"]
    assert [finding["rule"] for finding in report["findings"]] == ["IOB201"]


def test_advice_runs_in_a_cell(reports: dict[str, dict[str, Any]]) -> None:
    """A loop runs already, so tasks are awaited; nobody imports a cell, so nothing is guarded."""
    snippets = [advice["snippet"] for advice in reports["network"]["advice"]]
    assert any("s = await all_at_once()" in snippet for snippet in snippets)
    assert not any("__main__" in snippet or "asyncio.run" in snippet for snippet in snippets)
    (in_turn,) = [advice for advice in reports["in turn"]["advice"] if advice["strategy"] == "asyncio"]
    assert "return await fetch(number)" in in_turn["snippet"]


def test_the_loop_of_the_kernel_is_not_held_up_by_a_cell(reports: dict[str, dict[str, Any]]) -> None:
    """A cell that only sleeps blocks nobody's tasks; a task that does is told."""
    assert not any(loop["blocks"] for loop in reports["sleep"]["event_loops"])
    blocks = [block for loop in reports["in a task"]["event_loops"] for block in loop["blocks"]]
    assert blocks and all(block["file"].startswith("In[") for block in blocks)


def test_nothing_of_the_shell_or_of_ours_is_the_users_own(reports: dict[str, dict[str, Any]]) -> None:
    """No line that took time, no site and no finding is in IPython, ipykernel, tornado, zmq or iobound."""
    for name, report in reports.items():
        shown = [each for each in report["hotspots"] if each["share"] >= 0.02]
        places = [each["file"] for each in (*shown, *report["sites"], *report["findings"])]
        strangers = [
            file for file in places if any(part in file for part in ("ipykernel", "tornado", "zmq", "iobound"))
        ]
        assert not strangers, name


def test_threads_of_the_kernel_are_idle(reports: dict[str, dict[str, Any]]) -> None:
    """Whoever reads the table of threads sees that they do nothing."""
    for thread in reports["sleep"]["processes"][0]["threads"]:
        if thread["name"] in ("IOPub", "Heartbeat", "Control") or "_watch_pipe_fd" in thread["name"]:
            assert thread["states"].get("idle", 0) > 0.9, thread["name"]


CELLS = {
    "load": "%load_ext iobound",
    "shown": "%%iobound\nimport time\ntime.sleep(0.3)\nx = 41\nx + 1",
    "x": "x, _",
    "value": "y = %iobound -q x + 1\ny",
    "report": "%%iobound -o\ntime.sleep(0.3)",
    "its type": "type(_).__name__, _.bound",
    "report of a statement": "r = %iobound -o -q time.sleep(0.3)\nr.bound",
    "quiet": "%%iobound -q\n'not silent'",
    "error": "%%iobound\ntime.sleep(0.3)\nz = 5\nraise ValueError('mine')",
    "after the error": "import sys\nz, type(sys.last_value.iobound_report).__name__",
    "wrong": "%%iobound --wrong\nran = True",
    "wrong format": "%iobound -r nope 1",
    "not run": "'ran' in globals()",
    "help": "%iobound --help",
    "empty": "%%iobound\n",
    "syntax": "%%iobound -q\ndef (",
    "magics": "%%iobound -q\n%env NOT_THERE=3\n!echo shell\nfiles = !echo {x}\nfiles",
    "await": "import asyncio\nawait_one = %iobound -q 1\n%iobound await asyncio.sleep(0.1, 'later')",
    "await alone": "%iobound -q await asyncio.sleep(0.1, 'later')",
    "in a function": "def inside(value):\n    %iobound -q made = value * 2\n    return value\ninside(4)",
    "below another": "%%capture caught\n%%iobound -r text\ntime.sleep(0.3)",
    "caught": "'wait_sleep' in caught.stdout",
    "nested": "import iobound\nwith iobound.observe():\n    %iobound 1",
    "semicolon": "%%iobound -q\n7;",
    "written": "%%iobound -q -r html:page.html -r json:r.json --save kept.iob\ntime.sleep(0.3)",
    "loaded": "recording = __import__('pathlib').Path('kept.iob').read_bytes()[:17]\nrecording",
    "interrupt": "%%iobound\nimport _thread, threading\n"
    "threading.Timer(0.3, _thread.interrupt_main).start()\ntime.sleep(20)",
    "after the interrupt": "%%iobound -q\n'goes on'",
    "unload": "%unload_ext iobound",
    "gone": "%iobound 1",
    "again": "%load_ext iobound\n%iobound -q 3",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cells")


@pytest.fixture(scope="module")
def outputs(folder: Path) -> dict[str, notebooks.Output]:
    return dict(zip(CELLS, notebooks.run(list(CELLS.values()), folder), strict=True))


def test_the_report_is_shown_below_what_the_cell_shows(outputs: dict[str, notebooks.Output]) -> None:
    """The last expression is the cell's value, and the report is HTML with text for those who cannot show that."""
    shown = outputs["shown"]
    assert shown.values == ["42"]
    (page,) = shown.shown("text/html")
    assert page.startswith('<div class="iobound') and "In[2], " in page
    assert "sleeping on purpose" in shown.shown()[0]
    assert outputs["x"].values == ["(41, 42)"]


def test_a_statement_has_its_value(outputs: dict[str, notebooks.Output]) -> None:
    """Also in the middle of a cell, where it can be assigned."""
    assert outputs["value"].values == ["42"]
    assert outputs["quiet"].values == ["'not silent'"]
    assert len(outputs["quiet"].parts) == 1
    assert outputs["semicolon"].parts == []
    assert outputs["await alone"].values == ["'later'"]
    assert outputs["in a function"].values == ["4"]


def test_the_report_can_be_the_value(outputs: dict[str, notebooks.Output]) -> None:
    """With -o it is `Out[n]` and `_`, shown as HTML once."""
    assert len(outputs["report"].parts) == 1
    assert 'class="iobound' in outputs["report"].shown("text/html", "execute_result")[0]
    assert outputs["its type"].values == ["('Report', 'sleep')"]
    assert outputs["report of a statement"].values == ["'sleep'"]


def test_an_exception_is_the_users_own(outputs: dict[str, notebooks.Output]) -> None:
    """Its traceback shows the cell and nothing of ours; what was seen until then is shown, and the cell has failed."""
    failed = outputs["error"]
    assert failed.error is not None and (failed.error["ename"], failed.error["evalue"]) == ("ValueError", "mine")
    text = "\n".join(failed.error["traceback"])
    assert "line 4" in text and "iobound/" not in text
    assert len(failed.shown("text/html")) == 1
    assert outputs["after the error"].values == ["(5, 'Report')"]


def test_a_wrong_option_runs_nothing(outputs: dict[str, notebooks.Output]) -> None:
    """One line says what is wrong, without a traceback."""
    assert outputs["wrong"].written("stderr") == (
        "UsageError: no option is called --wrong; %iobound --help lists the options\n"
    )
    assert "no report format is called 'nope'; formats: github, gitlab, html" in outputs["wrong format"].written(
        "stderr"
    )
    assert outputs["not run"].values == ["False"]
    assert outputs["empty"].written("stderr").startswith("UsageError: ")
    for name in ("wrong", "wrong format", "empty"):
        assert not outputs[name].error


def test_help_is_shown(outputs: dict[str, notebooks.Output]) -> None:
    """As text."""
    assert outputs["help"].written().startswith("usage: %iobound [options] statement")


def test_a_cell_that_is_no_python_has_no_report(outputs: dict[str, notebooks.Output]) -> None:
    """Only its own error."""
    assert outputs["syntax"].error is not None
    assert outputs["syntax"].error["ename"] == "SyntaxError"
    assert len(outputs["syntax"].parts) == 1


def test_magics_in_a_cell_are_run(outputs: dict[str, notebooks.Output]) -> None:
    """Of lines, of the shell, and cell magics above and below."""
    assert "env: NOT_THERE=3" in outputs["magics"].written()
    assert "shell" in outputs["magics"].written()
    assert outputs["magics"].values == ["['41']"]
    assert outputs["caught"].values == ["True"]


def test_what_cannot_be_awaited_is_told(outputs: dict[str, notebooks.Output]) -> None:
    """Within another cell the loop runs already: the next step is a cell of its own."""
    assert "give it a cell of its own: %%iobound" in outputs["await"].written("stderr")


def test_observations_are_not_nested(outputs: dict[str, notebooks.Output]) -> None:
    """The inner one says so, and nothing else."""
    assert outputs["nested"].written("stderr").startswith("UsageError: this process is observed already")
    assert outputs["nested"].written("stderr").count("\n") == 1


def test_reports_and_recordings_are_written(outputs: dict[str, notebooks.Output], folder: Path) -> None:
    """In the formats that were asked for."""
    assert (folder / "page.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert json.loads((folder / "r.json").read_text())["verdict"]["bound"] == "sleep"
    assert outputs["loaded"].values == [repr(b"iobound-recording")]
    assert outputs["written"].parts == []


def test_an_interrupt_ends_the_cell_and_not_the_report(outputs: dict[str, notebooks.Output]) -> None:
    """What was seen until then is shown, and the next cell is observed as any."""
    interrupted = outputs["interrupt"]
    assert interrupted.error is not None and interrupted.error["ename"] == "KeyboardInterrupt"
    assert len(interrupted.shown("text/html")) == 1
    assert outputs["after the interrupt"].values == ["'goes on'"]


def test_the_extension_can_be_taken_away_and_loaded_again(outputs: dict[str, notebooks.Output]) -> None:
    """Then the magic is unknown, as it was before."""
    assert "%iobound" in outputs["gone"].written("stderr")
    assert "not found" in outputs["gone"].written("stderr")
    assert outputs["again"].values == ["3"]


def test_the_cells_of_the_documentation_run(tmp_path: Path) -> None:
    """As they stand there, one after another."""
    page = (Path(__file__).parents[2] / "docs/notebooks.md").read_text(encoding="utf-8")
    cells = re.findall(r"^```ipython\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    load, cell, statement, kept = notebooks.run(cells, tmp_path)
    assert load.parts == []
    assert cell.values == ["6"] and len(cell.shown("text/html")) == 1
    assert "sleeping on purpose" in cell.shown()[0]
    assert len(statement.shown("text/html")) == 1
    assert kept.values == ["('cpu', 1.0)"]


TERMINAL = {
    "load": "%load_ext iobound",
    "shown": "%%iobound\nimport time\ntime.sleep(0.4)\n5",
    "value": "%iobound -q 6 * 7",
    "await": "%%iobound\nimport asyncio\nawait asyncio.sleep(0.4, 'later')",
    "await within": "time.sleep(0)\nlater = %iobound -q await asyncio.sleep(0.1, 'later')\nlater",
    "report": "%%iobound -o\ntime.sleep(0.4)",
    "its type": "type(_).__name__",
    "error": "%%iobound\ntime.sleep(0.4)\n1 / 0",
    "wrong": "%iobound --wrong 1",
    "html": "%%iobound -r html\ntime.sleep(0.4)",
}


def has_verdict(text: str) -> bool:
    """On a machine that others use a cell of less than half a second may not be told more than that."""
    return re.search(r"^verdict:  (sleep - sleeping on purpose|inconclusive - |starved - )", text, re.M) is not None


def test_a_terminal_shows_text(tmp_path: Path) -> None:
    """The same magics with the text report, which is what a terminal can show."""
    outputs = dict(zip(TERMINAL, notebooks.run(list(TERMINAL.values()), tmp_path, terminal=True), strict=True))
    shown = outputs["shown"].written()
    assert shown.startswith("Out[2]: 5\n")
    assert has_verdict(shown) and "In[2]:3 <module> -> time.sleep" in shown
    assert "<div" not in shown
    assert outputs["value"].written() == "Out[3]: 42\n"
    assert outputs["await"].written().startswith("Out[4]: 'later'\n")
    assert has_verdict(outputs["await"].written())
    assert outputs["await within"].written() == "Out[5]: 'later'\n"
    assert outputs["report"].written().startswith("Out[6]:")
    assert has_verdict(outputs["report"].written())
    assert outputs["its type"].written() == "Out[7]: 'Report'\n"
    assert "ZeroDivisionError" in outputs["error"].written() and has_verdict(outputs["error"].written())
    assert outputs["wrong"].written("stderr").startswith("UsageError: no option is called --wrong")
    assert outputs["html"].written().startswith("<!DOCTYPE html>")
