"""Whatever stands in a file, reading it gives a lawful recording or one clear error."""

from __future__ import annotations

import json
import os
import random
import struct
import zlib
from pathlib import Path

import pytest

from iobound.errors import UnreadableRecording, UsageError
from iobound.verbs.store import JournalFile, load, save

MAGIC = b"iobound-recording 1\n"
OPENING, INCREMENT, CLOSING = 1, 2, 3


def _block(kind: int, content: object) -> bytes:
    payload = zlib.compress(content if isinstance(content, bytes) else json.dumps(content).encode())
    return struct.pack("<IIB", len(payload), zlib.crc32(bytes([kind]) + payload), kind) + payload


def _blocks(data: bytes) -> list[tuple[int, object, int]]:
    """Kind, content and end of every block: the format as its documentation has it."""
    found, at = [], len(MAGIC)
    while at < len(data):
        length, _, kind = struct.unpack_from("<IIB", data, at)
        found.append((kind, json.loads(zlib.decompress(data[at + 9 : at + 9 + length])), at + 9 + length))
        at += 9 + length
    return found


@pytest.fixture
def recorded(tmp_path, make_run) -> Path:
    run, path = make_run(), tmp_path / "run.iob"
    journal = JournalFile(path)
    for part in (run.opening(), *run.increments(), run.closing()):
        journal.add(part)
    journal.close()
    return path


def _refused(path: Path) -> UnreadableRecording:
    with pytest.raises(UnreadableRecording) as caught:
        load(path)
    assert caught.value.exit_code == 2
    assert caught.value.hint
    assert str(path) in caught.value.message
    return caught.value


def test_a_missing_file(tmp_path):
    assert "no file" in _refused(tmp_path / "none.iob").message


def test_a_directory(tmp_path):
    refused = _refused(tmp_path)
    assert "is a directory" in refused.message
    assert ".iob file in it" in refused.hint


def test_an_empty_file(tmp_path):
    (tmp_path / "a.iob").touch()
    assert "empty" in _refused(tmp_path / "a.iob").message


def test_a_pipe_is_refused_without_waiting_for_it(tmp_path):
    os.mkfifo(tmp_path / "a.iob")
    assert "regular" in _refused(tmp_path / "a.iob").message


@pytest.mark.parametrize(
    "data", [b"PK\3\4", b"iobound", b"iobound-recording x\n", b"iobound-recording 0\n", b"\0" * 99]
)
def test_something_else(tmp_path, data):
    (tmp_path / "a.iob").write_bytes(data)
    assert "not an iobound recording" in _refused(tmp_path / "a.iob").message


def test_a_newer_version_says_which_and_what_to_do(tmp_path):
    (tmp_path / "a.iob").write_bytes(b"iobound-recording 12\nunknown")
    error = _refused(tmp_path / "a.iob")
    assert "version 12" in error.message
    assert "newer iobound" in error.hint


def test_a_file_with_nothing_whole(tmp_path, recorded):
    data = recorded.read_bytes()
    opening_end, first_end = (end for _, _, end in _blocks(data)[:2])
    for size in (len(MAGIC), len(MAGIC) + 5, opening_end - 1, opening_end, first_end - 1):
        (tmp_path / "a.iob").write_bytes(data[:size])
        assert "breaks off" in _refused(tmp_path / "a.iob").message


def test_a_path_with_a_null_byte():
    with pytest.raises(UnreadableRecording):
        load("a\0b.iob")


@pytest.mark.parametrize("lost", [1, 10, 500])
def test_a_truncated_tail_is_noted_and_the_rest_shown(tmp_path, recorded, lost):
    data = recorded.read_bytes()
    (tmp_path / "a.iob").write_bytes(data[:-lost])
    recording = load(tmp_path / "a.iob")
    whole = max(end for _, _, end in _blocks(data) if end <= len(data) - lost)
    assert f"last {len(data) - lost - whole} bytes" in recording.notes[-1]
    assert recording.processes[0].threads


def test_a_damaged_tail_is_noted_and_the_rest_shown(tmp_path, recorded):
    data = bytearray(recorded.read_bytes())
    third_end = _blocks(bytes(data))[2][2]
    data[third_end + 40] ^= 0xFF
    (tmp_path / "a.iob").write_bytes(data)
    recording = load(tmp_path / "a.iob")
    assert f"last {len(data) - third_end} bytes" in recording.notes[-1]
    assert len(recording.processes[0].threads[0].marks) == 100


def test_what_follows_the_closing_is_noted(tmp_path, recorded):
    (tmp_path / "a.iob").write_bytes(recorded.read_bytes() + b"more")
    assert "4 bytes" in load(tmp_path / "a.iob").notes[-1]


def test_unknown_kinds_of_blocks_and_unknown_fields_are_ignored(tmp_path, recorded):
    data = MAGIC
    for kind, content, _ in _blocks(recorded.read_bytes()):
        data += _block(77, ["later"]) + _block(kind, _with_more(content))
    (tmp_path / "a.iob").write_bytes(data)
    assert load(tmp_path / "a.iob") == load(recorded)


def _with_more(content):
    """Put a field that nobody knows into every object."""
    if isinstance(content, dict):
        return {**{key: _with_more(value) for key, value in content.items()}, "from_the_future": [1.5, None]}
    if isinstance(content, list):
        return [_with_more(value) for value in content]
    return content


def test_unknown_kinds_of_waiting_read_as_unknown(tmp_path, recorded):
    data = MAGIC
    for kind, content, _ in _blocks(recorded.read_bytes()):
        if "channels" in content:
            content["channels"]["kind"] = [0, 999]
        data += _block(kind, content)
    (tmp_path / "a.iob").write_bytes(data)
    assert load(tmp_path / "a.iob").channels[1].kind == 0


def test_every_single_damage_gives_a_recording_or_a_clear_error(tmp_path, recorded):
    data, dice, path = recorded.read_bytes(), random.Random(7), tmp_path / "a.iob"
    complete = load(recorded)
    for _ in range(300):
        damaged = bytearray(data)
        damaged[dice.randrange(len(data))] = dice.randrange(256)
        path.write_bytes(damaged)
        try:
            recording = load(path)
        except UnreadableRecording:
            continue
        assert recording.notes != complete.notes or bytes(damaged) == data


WRONG = [None, True, -1, 1 << 64, 10**30, 1.5, "text", [], {}, [[]], ["x", "y"], [1 << 63], {"time": 3}]


def test_every_single_wrong_value_gives_a_recording_or_a_clear_error(tmp_path, recorded):
    """Each field of each kind of block is replaced by something else, with a check sum that is right."""
    blocks = [(kind, content) for kind, content, _ in _blocks(recorded.read_bytes())]
    blocks = blocks[:3] + blocks[-1:]
    path, refused, read = tmp_path / "a.iob", 0, 0
    for number, (_, content) in enumerate(blocks):
        for place in _leaves(content):
            changed = [
                _block(k, _changed(c, place, random.Random(str(place)).choice(WRONG)) if n == number else c)
                for n, (k, c) in enumerate(blocks)
            ]
            path.write_bytes(MAGIC + b"".join(changed))
            try:
                load(path)
                read += 1
            except UnreadableRecording:
                refused += 1
    assert refused > 100
    assert read > 0


def _leaves(content, path=()):
    yield path
    if isinstance(content, dict):
        for key, value in content.items():
            yield from _leaves(value, (*path, key))
    elif isinstance(content, list):
        for index, value in list(enumerate(content))[:2]:
            yield from _leaves(value, (*path, index))


def _changed(content, place, value):
    if not place:
        return value
    copy = dict(content) if isinstance(content, dict) else list(content)
    copy[place[0]] = _changed(copy[place[0]], place[1:], value)
    return copy


def _with_increment(tmp_path, recorded, **changes) -> Path:
    opening, increment, closing = (_blocks(recorded.read_bytes())[index][1] for index in (0, 1, -1))
    for dotted, value in changes.items():
        *outer, last = dotted.split("__")
        place = increment
        for key in outer:
            place = place[key]
        place[last] = value(place[last])
    path = tmp_path / "hostile.iob"
    path.write_bytes(MAGIC + _block(OPENING, opening) + _block(INCREMENT, increment) + _block(CLOSING, closing))
    return path


@pytest.mark.parametrize(
    ("field", "change", "message"),
    [
        ("stacks__caller", lambda rows: [*rows[:5], 5, *rows[6:]], "stack 5 is called by stack 5"),
        ("stacks__place", lambda rows: [*rows[:-1], 300], "place 300"),
        ("threads__marks__channel", lambda rows: [2, *rows[1:]], "channel outside"),
        ("threads__marks__channel", lambda rows: [-1, *rows[1:]], "channel outside"),
        ("threads__marks__gil", lambda rows: [9, *rows[1:]], "GIL state outside"),
        ("threads__marks__looks", lambda rows: [0, *rows[1:]], "stands for no look"),
        ("threads__marks__still", lambda rows: [-1, *rows[1:]], "before the wait begins"),
        ("threads__marks__still", lambda rows: [1 << 40, *rows[1:]], "seen elsewhere already"),
        ("threads__marks__time", lambda rows: [rows[0], -1, *rows[2:]], "order of time"),
        ("threads__marks__time", lambda rows: rows[1:], "rows"),
        ("threads__marks__time", lambda rows: [1 << 62, 1 << 62, *rows[2:]], "64-bit"),
        ("threads__marks__time", lambda rows: [0.5, *rows[1:]], "64-bit"),
        ("threads__marks__rows", lambda rows: [1 << 62, *rows[1:]], "rows"),
        ("threads__marks__rows", lambda rows: [-1, *rows[1:]], "row counts"),
        ("threads__stacks__stack", lambda rows: [300, *rows[1:]], "stack outside"),
        ("threads__loops__stack", lambda rows: [300], "stack of a loop outside"),
        ("threads__first_mark", lambda rows: [5, *rows[1:]], "are missing"),
        ("threads__process", lambda rows: [-1, *rows[1:]], "numbers of the threads"),
        ("threads__record__name", lambda rows: [1, *rows[1:]], "not a string"),
        ("threads__record__end_ns", lambda rows: [0, *rows[1:]], "ends before it starts"),
        ("processes", lambda rows: [[0]], "pair"),
        ("time_ns", lambda _: 1 << 63, "64-bit"),
    ],
)
def test_hostile_content_is_refused(tmp_path, recorded, field, change, message):
    assert message in _refused(_with_increment(tmp_path, recorded, **{field: change})).message


@pytest.mark.parametrize("machine", [{"cpus": 0}, {"effective_cpus": 0.0}, {"effective_cpus": -1.0}])
def test_a_machine_without_a_cpu_is_refused(tmp_path, recorded, machine):
    """Utilisation is a share of them."""
    opening, *rest = _blocks(recorded.read_bytes())
    content = {**opening[1], "machine": {**opening[1]["machine"], **machine}}
    path = tmp_path / "hostile.iob"
    path.write_bytes(MAGIC + _block(OPENING, content) + b"".join(_block(kind, each) for kind, each, *_ in rest))
    assert "CPUs" in _refused(path).message


@pytest.mark.parametrize("text", [b"[" * 100_000, b"NaN", b'{"a": Infinity}', b"\xff", b"", b"9" * 5000])
def test_text_that_is_no_json_is_refused(tmp_path, text):
    (tmp_path / "a.iob").write_bytes(MAGIC + _block(OPENING, text))
    assert "JSON" in _refused(tmp_path / "a.iob").message


def test_infinite_numbers_are_refused(tmp_path, recorded):
    opening = _blocks(recorded.read_bytes())[0][1]
    text = json.dumps(opening).replace("2.5", "1e999").encode()
    (tmp_path / "a.iob").write_bytes(MAGIC + _block(OPENING, text))
    assert "finite" in _refused(tmp_path / "a.iob").message


def test_a_decompression_bomb_is_refused_before_it_is_inflated(tmp_path):
    path = tmp_path / "a.iob"
    path.write_bytes(MAGIC + _block(OPENING, b" " * (50 << 20)))
    assert "does not end within" in _refused(path).message


def test_many_small_bombs_are_refused(tmp_path, recorded):
    opening, _, _ = _blocks(recorded.read_bytes())[0][1], None, None
    bomb = _block(INCREMENT, b'{"time_ns": 1' + b" " * (8_000_000) + b"}")
    path = tmp_path / "a.iob"
    path.write_bytes(MAGIC + _block(OPENING, opening) + bomb * 20)
    assert "more than" in _refused(path).message


def test_a_huge_claimed_length_allocates_nothing(tmp_path, recorded):
    data = recorded.read_bytes()
    second_end = _blocks(data)[1][2]
    (tmp_path / "a.iob").write_bytes(data[:second_end] + struct.pack("<IIB", 0xFFFFFFFF, 0, 2) + b"x" * 100)
    assert "last 109 bytes" in load(tmp_path / "a.iob").notes[-1]


def test_an_unreadable_recording_is_a_usage_error():
    assert issubclass(UnreadableRecording, UsageError)


def test_a_loaded_recording_can_be_saved_and_read_again(tmp_path, recorded):
    save(load(recorded), tmp_path / "b.iob")
    assert load(tmp_path / "b.iob") == load(recorded)


def _with_facts(recorded: Path, change) -> None:
    """Write the recording anew with other facts in its closing."""
    blocks = _blocks(recorded.read_bytes())
    change(blocks[-1][1]["facts"])
    recorded.write_bytes(MAGIC + b"".join(_block(kind, content) for kind, content, _ in blocks))


@pytest.mark.parametrize(
    "change", [{"rule": "XYZ1"}, {"severity": "fatal"}, {"line": 0}, {"column": -1}, {"end_line": 2}, {"line": "3"}]
)
def test_a_finding_that_no_scan_makes_is_refused(recorded, change):
    """Reports rely on what a recording says of rules and places."""
    _with_facts(recorded, lambda facts: facts["findings"][0].update(change))
    assert "finding" in _refused(recorded).message


def test_a_recording_from_before_there_were_findings_has_none(recorded):
    def forget(facts):
        del facts["findings"], facts["unscanned"]

    assert len(load(recorded).facts.findings) == 1
    _with_facts(recorded, forget)
    assert (load(recorded).facts.findings, load(recorded).facts.unscanned) == ((), "")


def test_what_a_later_format_says_of_a_finding_is_ignored(recorded):
    _with_facts(recorded, lambda facts: facts["findings"][0].update(confidence="high"))
    assert load(recorded).facts.findings[0].rule == "IOB201"
