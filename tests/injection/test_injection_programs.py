"""Programs whose functions, files, threads, sockets, arguments and output are called what no report may act on."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from hostile import EVERY
from injection_readers import READERS
from test_injection_formats import COMMAND, identified

from iobound.verbs.report import FORMATS

NAMES = [name for name in EVERY if name.strip()]
PROGRAM = f"""
import os, socket, sys, threading, time

NAMES = {NAMES!a}

def named(name):
    scope = {{}}
    exec(compile("def waits():\\n    import time\\n    time.sleep(0.5)\\n", name.replace("\\0", ""), "exec"), scope)
    waits = scope["waits"]
    waits.__code__ = waits.__code__.replace(co_name=name, co_qualname=name)
    return waits

def listens(name):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(name)
        server.listen()
        server.settimeout(0.5)
        try:
            server.accept()
        except TimeoutError:
            pass

threads = [threading.Thread(target=named(name), name=name) for name in NAMES]
for number, name in enumerate(NAMES):
    path = os.fsencode(name.encode("utf-8", "surrogatepass").decode("utf-8", "surrogateescape"))
    path = path.replace(b"/", b"_").replace(b"\\0", b"")[:80]
    threads.append(threading.Thread(target=listens, args=(b"%d%s" % (number, path),), name=name))
for thread in threads: thread.start()
for thread in threads: thread.join()
for name in NAMES:
    sys.stdout.buffer.write(name.encode("utf-8", "surrogatepass") + b"\\n")
sys.stdout.flush()
"""
SCRIPT = "\x1b[31m::error::<script> `x`.py"
MOST_ARGUMENT = 2_000
LONGEST = 1_000
"""Characters of a thread's name that are read."""


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """Every report of one run, by format; its recording; what the program wrote."""
    folder = tmp_path_factory.mktemp("hostile")
    script = folder / SCRIPT
    script.write_text(PROGRAM, encoding="utf-8")
    arguments = [os.fsencode(each.encode("utf-8", "surrogatepass").decode("utf-8", "replace")) for each in NAMES]
    arguments = [each.replace(b"\0", b"")[:MOST_ARGUMENT] for each in arguments]
    reports = [word for format in FORMATS for word in ("--report", f"{format}:{folder / format}")]
    command = [sys.executable, "-m", "iobound", "run", "--save", str(folder / "saved.iob"), *reports, script.name]
    done = subprocess.run([*command, *arguments], cwd=folder, capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    return folder, done.stdout


@pytest.mark.parametrize("format", FORMATS)
def test_reports_of_a_hostile_program_are_data(format, told):
    """Written while it ran, with everything about it hostile at once."""
    require_data(format, (told[0] / format).read_text(encoding="utf-8"))


@pytest.mark.parametrize("format", FORMATS)
def test_reports_of_its_recording_are_data(format, told):
    """Written later, to standard output."""
    command = [sys.executable, "-m", "iobound", "report", "--report", format, str(told[0] / "saved.iob")]
    done = subprocess.run(command, cwd=told[0], capture_output=True, timeout=60, check=True)
    require_data(format, done.stdout.decode())


def require_data(format, text):
    assert text.replace("\n", "").isprintable()
    assert format == "github" or not COMMAND.search(text)
    shown = READERS[format](text).shown
    assert any(identified(name, shown) for name in (SCRIPT, *NAMES))


def test_all_names_are_in_the_report_for_machines(told):
    """Whatever a thread or an argument is called can be read there."""
    document = json.loads((told[0] / "json").read_text(encoding="utf-8"))
    threads = [thread["name"] for process in document["processes"] for thread in process["threads"]]
    missing = [name for name in NAMES if not identified(paired(name[:LONGEST]), "\n".join(threads))]
    assert not missing
    assert len(document["command"]) == 1 + len(NAMES)


def paired(name):
    """Two surrogates that make a character are shown as that character."""
    return name.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


def test_its_output_is_its_own(told):
    """Byte for byte, whatever is in it."""
    assert told[1] == b"".join(name.encode("utf-8", "surrogatepass") + b"\n" for name in NAMES)
