"""Layouts of interpreters: of this one, and of others by asking them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iobound.verbs.observe import layouts as asking
from iobound.verbs.observe.layouts import Layouts
from iobound.verbs.observe.sources.gil_memory import GilLocation
from iobound.verbs.observe.sources.interpreter_layout import own_layout, told
from iobound.verbs.observe.sources.linux_proc import is_ours

NOWHERE = GilLocation(0x5555_0000, 8, "/usr/bin/python", 0)


def without_address(layout):
    """The rest holds for every process of the interpreter."""
    gil = layout.gil
    return layout._replace(gil=(gil.native_id_offset, gil.file, gil.file_delta), types=dict(layout.types))


def test_this_interpreter_has_a_layout_that_is_always_the_same():
    own = own_layout()
    assert own is not None
    assert own == own_layout()
    assert own.version >= (3, 11)
    assert len(own.ways_to_name) >= 1
    assert all(0 <= offset < 512 for offset in own.frame_of_thread)
    fields = [own.frame_code, own.frame_caller, own.frame_instruction, own.frame_locals]
    assert len(set(fields)) == 4
    assert max(fields) == own.frame_locals


def test_it_is_measured_in_no_time():
    times = []
    for _ in range(5):
        begun = time.process_time()
        own_layout()
        times.append(time.process_time() - begun)
    assert min(times) < 0.1


def test_an_answer_of_the_same_interpreter_says_the_same(layouts):
    own = own_layout()
    process = asking._started(os.readlink("/proc/self/exe"))
    output, _ = process.communicate(timeout=20)
    assert without_address(asking._understood(output)) == without_address(own)


def test_what_is_told_is_understood():
    assert asking._understood(told().encode()) == own_layout()


def test_every_interpreter_has_a_layout_when_it_has_answered(start, look_into, layouts, interpreter):
    process = start("print('ready', flush=True); import time; time.sleep(60)", python=interpreter)
    layout = look_into(process.pid).layout
    code = "import sys; print(*sys.version_info[:2])"
    version = subprocess.run([interpreter, "-c", code], capture_output=True, text=True, check=True).stdout
    assert layout.version == tuple(map(int, version.split()))
    assert not layouts.is_pending(os.readlink(f"/proc/{process.pid}/exe"))


def answer_of(layouts, image):
    """What becomes of the question to a program that is no interpreter."""
    end = time.monotonic() + 20
    answer = layouts.of(image, NOWHERE)
    while layouts.is_pending(image) and time.monotonic() < end:
        time.sleep(0.01)
        answer = layouts.of(image, NOWHERE)
    assert not layouts.is_pending(image)
    return answer


def test_a_program_that_is_not_python_is_not_even_asked(layouts, monkeypatch):
    monkeypatch.setattr(asking, "_started", None)  # not to be called
    for image in ("/bin/sleep", "", "/usr/bin/python2.7", "/usr/bin/uwsgi", "/opt/python3.11-config"):
        assert layouts.of(image, NOWHERE) is None
        assert not layouts.is_pending(image)


@pytest.mark.parametrize("program", ["echo", "true", "false", "cat"])
def test_a_program_that_only_has_the_name_of_python_has_no_layout(layouts, tmp_path, program):
    """It fails, says nothing, or says something else."""
    image = shutil.copy(shutil.which(program), tmp_path / "python3")
    assert answer_of(layouts, str(image)) is None


def test_an_image_that_is_gone_has_no_layout(layouts, tmp_path):
    assert answer_of(layouts, str(tmp_path / "python3")) is None
    assert answer_of(layouts, "/usr/bin/python3.11 (deleted)") is None


def test_one_that_never_answers_is_not_waited_for(monkeypatch):
    started = []

    def start(image):
        started.append(subprocess.Popen(["sleep", "60"], stdout=subprocess.PIPE))
        return started[-1]

    monkeypatch.setattr(asking, "_started", start)
    monkeypatch.setattr(asking, "_PATIENCE_S", 0.1)
    layouts = Layouts()
    assert answer_of(layouts, "/somewhere/python3") is None
    assert started[0].returncode == -9
    assert len(started) == 1
    layouts.of("/elsewhere/python3", NOWHERE)
    layouts.close()
    assert started[1].returncode == -9
    for process in started:
        process.stdout.close()


def test_a_gil_at_another_place_means_another_build(layouts):
    own = own_layout()
    image = os.readlink("/proc/self/exe")
    assert layouts.of(image, own.gil) is not None
    moved = GilLocation(own.gil.address, own.gil.native_id_offset, own.gil.file, own.gil.file_delta + 8)
    assert layouts.of(image, moved) is None


@given(st.binary(max_size=100))
def test_a_garbled_answer_is_none(answer):
    assert asking._understood(answer) is None


FIELDS = json.loads(told())
VALUES = st.recursive(
    st.none() | st.integers() | st.text(max_size=5) | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["code", "x"]), inner, max_size=2),
    max_leaves=4,
)


UNDERSTOOD = asking._understood(told().encode())


@given(st.sampled_from(sorted(FIELDS.keys() - {"gil"})), VALUES)
def test_an_answer_with_a_wrong_field_is_none_or_at_least_of_the_right_types(name, value):
    layout = asking._understood(json.dumps({**FIELDS, name: value}).encode())
    if layout is not None:
        assert list(map(type, layout)) == list(map(type, UNDERSTOOD))


@pytest.mark.parametrize("name", sorted(FIELDS))
def test_an_answer_without_a_field_is_none(name):
    fields = {key: value for key, value in FIELDS.items() if key != name}
    assert asking._understood(json.dumps(fields).encode()) is None


def test_only_what_our_user_runs_is_run_again(start, tmp_path):
    """Else root, who watches a program that gives up root, would run whatever that one's user has made."""
    process = start("print('ready', flush=True); import time; time.sleep(60)")
    image = os.readlink(f"/proc/{process.pid}/exe")
    assert is_ours(process.pid, image)
    other = shutil.copy(image, tmp_path / "python3")
    assert not is_ours(process.pid, str(other))  # another file than it runs
    assert not is_ours(process.pid, str(tmp_path / "missing"))
    process.kill()
    process.wait()
    assert not is_ours(process.pid, image)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give up root")
def test_who_has_given_up_root_is_not_ours(start):
    code = "import os, time; os.setgid(65534); os.setuid(65534); print('ready', flush=True); time.sleep(60)"
    process = start(code)
    assert not is_ours(process.pid, os.readlink(f"/proc/{process.pid}/exe"))
