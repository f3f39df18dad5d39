"""Read a JSON report from outside: bounded, and no more than what JSON can say. Whose it is, is for others to judge."""

from __future__ import annotations

import json
import os
from typing import Any, NoReturn

from iobound.errors import UnreadableRecording
from iobound.verbs.store.regular import NotRegular, open_regular

MOST_BYTES = 64 << 20
"""Of a file: a report of a long run with many threads has some MB."""

_HINT = "write one with `iobound run --report json:FILE …`, or keep the recording with --save FILE.iob"


def load_document(path: str) -> dict[str, Any]:
    """The object that a JSON file holds.

    Args:
        path: A regular file.

    Raises:
        UnreadableRecording: There is no such file, it is too large, or it holds no JSON object; the message names it.
    """
    try:
        with os.fdopen(open_regular(path), "rb") as file:
            content = file.read(MOST_BYTES + 1)
    except (OSError, NotRegular, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise UnreadableRecording(f"cannot read {path}: {why}", hint=_HINT) from error
    if len(content) > MOST_BYTES:
        raise UnreadableRecording(f"{path} is larger than {MOST_BYTES >> 20} MiB", hint=_HINT)
    if not content.strip():
        raise UnreadableRecording(f"{path} is empty", hint=_HINT)
    try:
        found = json.loads(content.decode("utf-8-sig"), parse_constant=_refuse)
    except (ValueError, RecursionError, MemoryError) as error:
        raise UnreadableRecording(f"{path} is no JSON: {_why(error)}", hint=_HINT) from error
    if not isinstance(found, dict):
        raise UnreadableRecording(f"{path} holds no JSON object", hint=_HINT)
    return found


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _why(error: BaseException) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg}, line {error.lineno}"
    if isinstance(error, UnicodeDecodeError):
        return "it is not UTF-8"
    return str(error).partition("\n")[0] or type(error).__name__
