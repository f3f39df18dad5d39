"""Arguments of functions that programs call: what is wrong with one is said where it is given."""

from __future__ import annotations


def sizes(workers: object) -> tuple[int, ...]:
    """Pool sizes as given; one alone is meant as such.

    Raises:
        TypeError: They are not numbers of at least 1.

    Example:
        >>> sizes([2, 4]), sizes(8)
        ((2, 4), (8,))
    """
    given = (workers,) if isinstance(workers, int) else workers
    if not isinstance(given, list | tuple | range | set | frozenset) or not all(
        isinstance(size, int) and size >= 1 for size in given
    ):
        raise TypeError(f"workers are numbers of at least 1, such as workers=(2, 4), not {workers!r}")
    return tuple(given)


def text(name: str, value: object) -> str:
    """A text as given.

    Raises:
        TypeError: It is something else.
    """
    if not isinstance(value, str):
        raise TypeError(f"{name} is a text, not {value!r}")
    return value


def numbers_above_0(**values: object) -> None:
    """Nothing, where they are numbers above 0.

    Raises:
        TypeError: One is no number.
        UsageError: One is not above 0.
    """
    for name, value in values.items():
        if not isinstance(value, int | float):
            raise TypeError(f"{name} is a number, not {value!r}")
        if not value > 0:
            from iobound.errors import UsageError

            raise UsageError(f"{name} must be above 0, not {value!r}")
