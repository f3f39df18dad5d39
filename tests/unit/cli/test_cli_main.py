"""What becomes of failures that no command expects."""

from __future__ import annotations

from iobound.cli import explain
from iobound.cli.main import main


def test_want_of_memory_is_told(monkeypatch, capsys):
    """As any other failure, without a traceback."""

    def exhausted(given):
        raise MemoryError

    monkeypatch.setattr(explain, "main", exhausted)
    assert main(["explain"]) == 1
    assert "not enough memory" in capsys.readouterr().err
