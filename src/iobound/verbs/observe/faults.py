"""What goes wrong on our side, which must cost no more than what it was for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class Faults:
    """What went wrong on our side, for the notes: never for the target or its exit code.

    Attributes:
        notes: One for each step that failed.
    """

    def __init__(self) -> None:
        self.notes: list[str] = []

    @contextmanager
    def harmless(self, step: str) -> Iterator[None]:
        """Whatever goes wrong here costs what this step was for."""
        try:
            yield
        except Exception as problem:
            self.notes.append(f"{step} failed: {type(problem).__name__}: {problem}"[:200])

    def has(self, step: str) -> bool:
        """Whether this step failed."""
        return any(note.startswith(f"{step} failed: ") for note in self.notes)
