"""Limits that say nothing: those that every number keeps to, or none, and those that are met by chance alone."""

from __future__ import annotations

import math

from iobound.model.gate import Number
from iobound.verbs.gate.shape import Shape

_SHARE = 1.0
_EQUALS = ("=", "==", "!=")


def bounds(shape: Shape, aggregate: str) -> tuple[float, float]:
    """Between what the schema has a number, or what an aggregate makes of such; infinite where it says nothing."""
    if aggregate == "count":
        return 0.0, math.inf
    least, most = shape.least, shape.most
    if aggregate == "sum":
        return (0.0 if least >= 0 else -math.inf), math.inf
    return least, most


def says_nothing(operator: str, asked: float, least: float, most: float) -> str:
    """Whether a comparison is true of all numbers of a range, or of none: `always` or `never`; empty otherwise.

    Example:
        >>> says_nothing("<", 5, 0, 1), says_nothing(">", 1, 0, 1), says_nothing("<", 0.05, 0, 1)
        ('always', 'never', '')
    """
    outside = not least <= asked <= most
    always = {
        "<": most < asked,
        "<=": most <= asked,
        ">": least > asked,
        ">=": least >= asked,
        "!=": outside,
    }
    never = {"<": least >= asked, "<=": least > asked, ">": most <= asked, ">=": most < asked}
    if always.get(operator, False):
        return "always"
    return "never" if never.get(operator, outside if operator in ("=", "==") else False) else ""


def why_pointless(operator: str, asked: Number, shape: Shape, aggregate: str) -> tuple[str, str]:
    """What is wrong with a limit, and what could be written; empty texts where nothing is.

    Args:
        operator: What it is compared by.
        asked: The limit.
        shape: What is compared, a number.
        aggregate: What is made of several, or empty.
    """
    least, most = bounds(shape, aggregate)
    vacuous = says_nothing(operator, asked.value, least, most)
    if vacuous:
        return _vacuous(vacuous, asked, least, most)
    counts = shape.counts or aggregate == "count"
    if operator in _EQUALS and not counts and asked.value != 0:
        return "what is measured is hardly ever exactly that", "compare it with <= or >=, or with = 0"
    return "", ""


def _vacuous(how: str, asked: Number, least: float, most: float) -> tuple[str, str]:
    meant = f"{asked.amount:g}"
    if most == _SHARE and asked.value > most and not asked.unit:
        return "a share is at most 1", f"write {meant}%" if asked.amount <= 100 else "write it in %, from 0 to 100"
    range_ = f"at most {most:g}" if asked.value >= most else f"at least {least:g}"
    return f"this is {how} so: the number is {range_}", "write a limit that a program can keep to, and break"


def wants_percent(asked: Number) -> str:
    """What could be written for a change of so much: `10` is tenfold, and hardly ever meant.

    Example:
        >>> wants_percent(Number(10.0)), wants_percent(Number(0.1))
        ('write 10%, or 1000% where it is meant', '')
    """
    if asked.unit or abs(asked.value) < 1:
        return ""
    return f"write {asked.amount:g}%, or {asked.amount * 100:g}% where it is meant"
