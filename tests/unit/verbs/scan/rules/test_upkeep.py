"""What is said of files that cannot be read."""

from __future__ import annotations

import pytest

from iobound.model.finding import Severity
from iobound.verbs.scan.rules.upkeep import unparsable
from iobound.verbs.scan.syntax.sources import Unparsable

NEWER = ("class A[T]:", "    def f[T](x: T) -> T:", "async def f[T]():", "type X[T] = list[T]", "type X = int",
         "except OSError, errors.Broken:", "x = t'{a}'")  # fmt: skip
BROKEN = ("print 'x'", "except OSError, error:", "def f(:", "class A(T:", "type(x) = 3", "type == 3 =", "exec 'x'")


@pytest.mark.parametrize(("line", "is_newer"), [*((line, True) for line in NEWER), *((line, False) for line in BROKEN)])
def test_syntax_that_is_newer_than_the_interpreter_is_nothing_to_mend(line: str, is_newer: bool) -> None:
    finding = unparsable("m.py", Unparsable(2, 1, "invalid syntax"), f"import os\n{line}\n".encode())
    assert ("newer" in finding.hint) == is_newer
    assert ("mend it" in finding.hint) == (not is_newer)
    assert finding.severity is (Severity.INFO if is_newer else Severity.WARNING)
