"""Reading what was found."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest

from iobound.model.gathered import SourceFile, Unread
from iobound.verbs.gather import contents
from iobound.verbs.store import open_regular


def test_bytes_of_a_file(tmp_path: Path) -> None:
    """As they are."""
    path = tmp_path / "a.py"
    path.write_bytes(b"x\r\n\0\xff")
    assert contents(SourceFile("a.py", str(path)), open_regular, most_bytes=100) == b"x\r\n\0\xff"


def test_no_more_is_read_than_tells_that_it_is_too_much(tmp_path: Path) -> None:
    """One byte above the limit."""
    path = tmp_path / "a.py"
    path.write_bytes(b"x" * 1000)
    assert contents(SourceFile("a.py", str(path)), open_regular, most_bytes=10) == b"x" * 11


def test_why_there_are_none(tmp_path: Path) -> None:
    """A file that went away, one that turned into a pipe, a directory."""
    gone, pipe = str(tmp_path / "gone.py"), str(tmp_path / "pipe.py")
    os.mkfifo(pipe)
    for path in (gone, pipe, str(tmp_path)):
        unread = contents(SourceFile("a.py", path), open_regular, most_bytes=10)
        assert isinstance(unread, Unread)
        assert unread.name == "a.py"
        assert unread.reason


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its bytes; a process may have none."""
    file = SourceFile("-", None)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\xff\r\n")))
    assert contents(file, open_regular, most_bytes=10) == b"\xff\r\n"
    monkeypatch.setattr(sys, "stdin", None)
    assert contents(file, open_regular, most_bytes=10) == Unread("-", "there is no standard input")
