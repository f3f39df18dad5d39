"""Functions that only migrations of a database's schema run: once for each database, over what is there."""

from __future__ import annotations

import re

from iobound.verbs.scan.program.closeup import CloseUp
from iobound.verbs.scan.program.effects import Effects
from iobound.verbs.scan.program.facts import FileFacts
from iobound.verbs.scan.program.tree import Function, Tree

_MIGRATION = re.compile(rb"(?m)^down_revision\b")
_STEPS = frozenset({"upgrade", "downgrade"})


def migrating(tree: Tree, effects: Effects, closeup: CloseUp) -> frozenset[Function]:
    """All functions of Alembic's and of Django's migrations, and those that nothing else calls."""
    found = {
        Function(number, at)
        for number, module in enumerate(tree.modules)
        if _is_django(module.facts)
        or (any(each.name in _STEPS for each in module.facts.functions) and closeup.mentions(number, _MIGRATION))
        for at in range(len(module.facts.functions))
    }
    pending = list(found)
    while pending:
        for callee in effects.callees(pending.pop()):
            if callee not in found and all(caller in found for caller in effects.callers(callee)):
                found.add(callee)
                pending.append(callee)
    return frozenset(found)


def _is_django(facts: FileFacts) -> bool:
    """Whether a module defines a migration of Django's, which runs functions of the module by `RunPython`."""
    bases = (facts.symbols[base] for klass in facts.classes if klass.name == "Migration" for base in klass.bases)
    return any(base.endswith("migrations.Migration") for base in bases)
