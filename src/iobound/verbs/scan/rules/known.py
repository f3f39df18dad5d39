"""Ids of all rules, for who must know them and has no source to look at: loading the rules would take far longer.

They are those of `registry`; a test compares them.
"""

from __future__ import annotations

from collections.abc import Collection

DEFAULT = frozenset(
    "IOB101 IOB102 IOB103 IOB104 IOB105 IOB106 IOB107 IOB108 IOB109 IOB110 IOB111 IOB112 "
    "IOB113 IOB114 IOB115 IOB116 IOB117 IOB118 IOB201 IOB202 IOB203 IOB204 IOB205 IOB206 "
    "IOB207 IOB210 IOB211 IOB212 IOB214 IOB215 IOB301 IOB302 IOB303 IOB304 IOB305 IOB308 "
    "IOB309 IOB310 IOB312 IOB401 IOB402 IOB403 IOB404 IOB405 IOB406 IOB407 IOB408 IOB409 "
    "IOB410 IOB411 IOB412 IOB413 IOB415 IOB416 IOB501 IOB502 IOB503 IOB504 IOB505 "
    "IOB506 IOB507 IOB508 IOB509 IOB510 IOB511 IOB512 IOB513 IOB601 IOB602 IOB603 IOB604 "
    "IOB605 IOB606 IOB607 IOB608 IOB609 IOB610 IOB703 IOB704 IOB705 IOB904 IOB906".split()
)
"""Rules that are on unless something else is asked for."""

OTHERS = frozenset(
    "IOB208 IOB209 IOB213 IOB216 IOB306 IOB307 IOB311 IOB414 IOB701 IOB702 IOB706 IOB707 "
    "IOB708 IOB709 IOB710 IOB901 IOB902 IOB903 IOB905".split()
)
"""Rules that somebody has to ask for."""

EXTRA = frozenset("IOB213 IOB216 IOB708 IOB709 IOB710 IOB901 IOB902 IOB903".split())
"""Those of them that look at single files, and do so only then."""


def rule_ids() -> frozenset[str]:
    """Ids of all rules."""
    return DEFAULT | OTHERS


def extras(selected: Collection[str]) -> frozenset[str]:
    """Those of some rules that are looked for in a file only when they are asked for: its facts depend on them."""
    return EXTRA & frozenset(selected)
