"""A program that has itself observed under `iobound run`: what looks at it is no part of what it does."""

from __future__ import annotations

import json

import pytest

from .conftest import PREAMBLE

TEXT = """
import subprocess
for _ in range(8):
    with iobound.observe() as observation:
        spin(0.05)
    subprocess.run(["true"], check=True)
with iobound.observe() as observation:
    subprocess.run([sys.executable, "-c", "import time; time.sleep(0.3)"], check=True)
say(**found(observation.report))
"""


@pytest.mark.parametrize("options", [[], ["--portable"]])
def test_observers_are_not_in_the_outer_recording(programs, options):
    report = programs.folder / "outer.json"
    command = (programs.python, "-m", "iobound", "run", *options, "--report", f"json:{report}")
    process = programs.start(TEXT, by=command)
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors.decode()
    inner = json.loads(output.splitlines()[-1])
    outer = json.loads(report.read_text())
    commands = [each["command"] for each in outer["processes"]]
    assert not [command for command in commands if "iobound: looks" in command or "-I -S" in command], commands
    assert not [command for command in commands if command.startswith(("sh ", "/bin/sh"))], commands
    assert len(inner["pids"]) == 2 and "early" not in str(inner["notes"])
    if not options:
        assert any("time.sleep(0.3)" in command for command in commands)


LOOKER = """
from iobound.verbs.observe.observers import is_being_made, is_observer, is_unsettled
from iobound.verbs.observe.sources import linux_proc
watched = os.getppid()
wrong, seen = [], 0

def is_known(pid):
    return is_being_made(watched, threads) or is_unsettled(pid, time.monotonic_ns()) or is_observer(pid)

say(ready=True)
while not os.path.exists(sys.argv[1]):
    threads = linux_proc.threads_of(watched)
    for pid in linux_proc.children_of(watched, threads):
        if pid == os.getpid():
            continue
        if is_known(pid):
            seen += 1
            continue
        try:
            with open(f"/proc/{pid}/stat") as stat, open(f"/proc/{pid}/cmdline") as command:
                shown = stat.read(), command.read()[:200]
        except OSError:
            continue
        if shown[0].rpartition(")")[2].split()[0] not in "ZX":
            wrong.append(shown)
say(seen=seen, wrong=wrong[:20])
"""

OBSERVING = """
for _ in range(15):
    with iobound.observe():
        pass
"""

MAKING = """
from iobound.verbs.observe.starting import MARK, _start_unnoticed
for _ in range(1_500):
    assert _start_unnoticed(MARK + b"\\n:")
"""


@pytest.mark.parametrize("what", [OBSERVING, MAKING], ids=["observing", "making"])
def test_what_makes_an_observer_is_seen_by_no_look(programs, what):
    """Looked at as often as can be: at no moment is there a child that is not known to be ours."""
    path = programs.folder / "looker.py"
    stop = programs.folder / "stop"
    path.write_text(PREAMBLE + LOOKER)
    program = f"""
import subprocess
looker = subprocess.Popen([sys.executable, {str(path)!r}, {str(stop)!r}], stdout=subprocess.PIPE)
looker.stdout.readline()
{what}
open({str(stop)!r}, "w").close()
os.write(1, looker.stdout.read().splitlines()[-1] + b"\\n")
looker.wait(); looker.stdout.close()
"""
    last = programs.run(program).last
    assert not last["wrong"] and last["seen"] > 0
