"""Whether code is a test: what it does again and again is what is tested, or makes a few rows for it."""

from __future__ import annotations

import ast

from iobound.verbs.scan.syntax.names import Names, spelled
from iobound.verbs.scan.syntax.survey import Scope

_DEPTH = 5
_CASES = ("unittest.", "django.test.", "rest_framework.test.", "twisted.trial.")


def is_in_test(scope: Scope, names: Names) -> bool:
    """Whether a function is a test, or a part of a class of tests."""
    at: Scope | None = scope
    while at is not None:
        if at.kind == "function" and at.name.rpartition(".")[2].startswith("test_"):
            return True
        if at.kind == "class" and _is_case(at, names, _DEPTH):
            return True
        at = at.parent
    return False


def _is_case(klass: Scope, names: Names, left: int) -> bool:
    bases: list[ast.expr] = getattr(klass.node, "bases", [])
    for base in bases:
        if spelled(base).endswith("TestCase"):
            return True
        meaning = names.meaning(base, klass.parent or klass)
        if meaning is None:
            continue
        if meaning.name.startswith(_CASES) and not meaning.local:
            return True
        if (
            left
            and meaning.scope is not None
            and meaning.scope is not klass
            and _is_case(meaning.scope, names, left - 1)
        ):
            return True
    return False
