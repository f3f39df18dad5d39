"""Whether what the catalogue names is there, and is awaitable where it says so."""

import importlib
import inspect
from types import ModuleType
from typing import Any


class NotThere(Exception):
    """A name that leads nowhere although its package is installed."""


class CannotTell(Exception):
    """The package of a name is not installed, or the name is one of an instance."""


def resolved(name: str) -> Any:
    """What a dotted name means: the longest part that can be imported, then attributes.

    Raises:
        CannotTell: Nothing of it can be imported, or it goes on below what is neither module nor class: the catalogue
            names types that have no importable name after what makes them (`boto3.client`).
        NotThere: Its module or class has no such name.

    Example:
        >>> resolved("os.path.join").__name__
        'join'
        >>> resolved("os.path.jion")
        Traceback (most recent call last):
        ...
        catalogue_probes.names.NotThere: os.path.jion
    """
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        try:
            value: Any = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError as error:
            if not f"{name}.".startswith(f"{error.name}."):
                raise CannotTell(f"{'.'.join(parts[:length])} wants {error.name}, which is not installed") from None
            continue
        except Exception as error:
            raise CannotTell(f"{'.'.join(parts[:length])} cannot be imported: {error}") from None
        for attribute in parts[length:]:
            value = _attribute(value, attribute, name)
        return value
    raise CannotTell(f"{parts[0]} is not installed")


def _attribute(value: Any, attribute: str, name: str) -> Any:
    is_class = issubclass(type(value), type)  # isinstance would ask lazy objects for their class
    if not is_class and not issubclass(type(value), ModuleType):
        raise CannotTell(f"{name} belongs to a {type(value).__name__}")
    try:
        return inspect.getattr_static(value, attribute) if is_class else getattr(value, attribute)
    except AttributeError:
        if not is_class and getattr(value, "__file__", None) is None and hasattr(value, "__path__"):
            raise CannotTell(f"{value.__name__}.{attribute} is not installed") from None
        if is_class and "__getattr__" in dir(value):
            raise CannotTell(f"{name} is made when it is asked for") from None
        raise NotThere(name) from None
    except Exception as error:
        raise CannotTell(f"{name} cannot be looked up: {error}") from None


def is_awaitable(value: Any) -> bool | None:
    """Whether calling it gives something to await; None when that cannot be told without calling.

    Example:
        >>> import asyncio, time
        >>> is_awaitable(asyncio.sleep), is_awaitable(time.sleep)
        (True, None)
    """
    value = getattr(value, "__func__", value)
    if inspect.iscoroutinefunction(value) or inspect.isasyncgenfunction(value):
        return True
    try:
        returned = str(inspect.signature(value).return_annotation)
    except (TypeError, ValueError):
        return None
    words = ("Awaitable", "Coroutine", "Future", "ContextManager", "AsyncIterator", "AsyncGenerator")
    return True if any(word in returned for word in words) else None
