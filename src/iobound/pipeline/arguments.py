"""Arguments of functions that programs call: what is wrong with one is said where it is given."""

from __future__ import annotations

TYPE_CHECKING = False  # as in `typing`, which is too heavy for what stands in other people's programs
if TYPE_CHECKING:
    from typing import Any


def sizes(workers: object) -> tuple[int, ...]:
    """Pool sizes as given; one alone is meant as such.

    Raises:
        TypeError: They are not numbers of at least 1.

    Example:
        >>> sizes([2, 4]), sizes(8)
        ((2, 4), (8,))
    """
    given: Any = (workers,) if _is_a(workers, int) else workers
    if not _is_a(given, list | tuple | range | set | frozenset) or not all(
        _is_a(size, int) and size >= 1 for size in given
    ):
        raise TypeError(f"workers are numbers of at least 1, such as workers=(2, 4), not {shown(workers)}")
    return tuple(given)


def text(name: str, value: object) -> str:
    """A text as given.

    Raises:
        TypeError: It is something else.
    """
    if not issubclass(type(value), str):
        raise TypeError(f"{name} is a text, not {shown(value)}")
    return str.__str__(value)


def numbers_above_0(**values: object) -> None:
    """Nothing, where they are numbers above 0.

    Raises:
        TypeError: One is no number.
        UsageError: One is not above 0.
    """
    for name, value in values.items():
        if not isinstance(value, int | float):
            raise TypeError(f"{name} is a number, not {shown(value)}")
        if not value > 0:
            from iobound.errors import UsageError

            raise UsageError(f"{name} must be above 0, not {value!r}")


def shown(value: object) -> str:
    """What a message calls a value, of bounded length; of one that cannot be shown what it is.

    Example:
        >>> shown((2.5, "x"))
        "(2.5, 'x')"
    """
    try:
        return str.__str__(repr(value))[:200]
    except Exception:  # of a class whose objects cannot be shown
        return f"a {type(value).__name__}"


def _is_a(value: object, kind: Any) -> bool:
    """Whether it is of a class; `isinstance` asks the value as well, which may raise."""
    return issubclass(type(value), kind)
