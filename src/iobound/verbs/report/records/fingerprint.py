"""What a code host knows a record again by, in the next run and after code was written above it."""

from __future__ import annotations

from collections import Counter


class Fingerprints:
    """Makes 32 hexadecimal digits of rule, file and qualified name; no two that it has made are the same.

    Numbers that were measured and lines are no part of them: those change from run to run.

    Example:
        >>> prints = Fingerprints()
        >>> prints.of("IOB101", "app.py", "main") == prints.of("IOB101", "app.py", "main")
        False
        >>> Fingerprints().of("IOB101", "app.py", "main") == Fingerprints().of("IOB101", "app.py", "main")
        True
    """

    def __init__(self) -> None:
        self._seen: Counter[tuple[str, ...]] = Counter()

    def of(self, *parts: str) -> str:
        """The next one of these parts: those that share them are numbered in their order."""
        number = self._seen[parts]
        self._seen[parts] += 1
        return _digest(*parts, str(number))


def _digest(*parts: str) -> str:
    """Lengths go first, so that no two different lists of parts run together into one text."""
    import hashlib  # which a run that is told as text does without

    text = "".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
