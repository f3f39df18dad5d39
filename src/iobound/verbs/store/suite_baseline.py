"""Read an earlier JSON report of a test suite: nothing untyped gets past this file."""

from __future__ import annotations

import json
import os

from iobound.errors import UnreadableRecording
from iobound.model.suite import Baseline
from iobound.verbs.store.regular import NotRegular, open_regular

SCHEMA = "iobound.suite/1"
_MOST_BYTES = 256 << 20
_MOST_S = 1e7
_HINT = "write one with --iobound-report json:FILE"


def load_baseline(path: str) -> Baseline:
    """Read what each test waited for in an earlier run.

    Args:
        path: What `--iobound-report json:PATH` wrote.

    Raises:
        UnreadableRecording: There is no such file, or it is none of these.
    """
    try:
        with os.fdopen(open_regular(path), "rb") as file:
            text = file.read(_MOST_BYTES + 1)
        document = json.loads(text)
    except (OSError, NotRegular) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise UnreadableRecording(f"cannot read the baseline {path}: {why}", hint=_HINT) from error
    except (ValueError, RecursionError) as error:
        raise UnreadableRecording(f"the baseline {path} is no JSON", hint=_HINT) from error
    schema = document.get("schema") if isinstance(document, dict) else None
    if schema != SCHEMA:
        raise UnreadableRecording(f"the baseline {path} is no {SCHEMA} but {schema!r}", hint=_HINT)
    tests = document.get("tests")
    found: dict[str, int] = {}
    for test in tests if isinstance(tests, list) else ():
        name, waiting = (test.get("test"), test.get("waiting_s")) if isinstance(test, dict) else (None, None)
        if not isinstance(name, str) or isinstance(waiting, bool) or not isinstance(waiting, int | float):
            raise UnreadableRecording(f"the baseline {path} has a test without a name or its waiting", hint=_HINT)
        if not 0 <= waiting <= _MOST_S:
            raise UnreadableRecording(f"the baseline {path} has a test that waits {waiting!r} s", hint=_HINT)
        found[name] = round(waiting * 1e9)
    return Baseline(path, found)
