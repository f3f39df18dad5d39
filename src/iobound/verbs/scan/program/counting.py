"""Which waits and which computing are weighty enough to be told of where a loop makes them again and again."""

from __future__ import annotations

from iobound.verbs.scan.program.effects import COMPUTES, Effect, is_long

UNLIKELY = 2
"""Tests that a wait depends on from which it is left out."""

FAR = 6
"""Calls to a wait from which it is left out: what leads there is seldom the loop's purpose."""

KINDS = ("network", "dns", "subprocess", "database", "sleep", "disk", *COMPUTES)

_WHOLE_FILE_S = 5e-4
_WHOLE_FILES = (
    "pathlib.Path.read_text",
    "pathlib.Path.read_bytes",
    "pathlib.Path.write_text",
    "pathlib.Path.write_bytes",
    "io.IOBase.read",
    "io.IOBase.readlines",
    "json.load",
    "pickle.load",
)
_NO_MATTER = (
    "importlib.", "builtins.__import__", "logging.", "pkgutil.", "linecache.", "glob.", "os.", "ssl.",
    "boto3.client", "boto3.resource", "boto3.session.", "botocore.session.", "pathlib.Path.glob", "pathlib.Path.rglob",
    "pathlib.Path.iterdir", "pathlib.Path.walk", "shutil.rmtree", "mailbox.", "configparser.",
)  # fmt: skip
"""Of what touches files: listing, removing, importing, making clients."""

_INTO_ONE_FILE = frozenset(
    {"write", "writelines", "writerow", "writerows", "writestr", "add", "addfile", "dump", "copyfileobj"}
)
"""Last names of calls whose order is that of the file that they write to."""

_ON_A_CONNECTION = ("socket.socket.", "ssl.SSLSocket.", "http.client.HTTPConnection.", "http.client.HTTPSConnection.")
_NO_CHILDREN = ("psutil.", "multiprocessing.", "webbrowser.", "os.wait", "ensurepip.", "venv.")
"""Of what concerns processes: those that are not run for an item."""

_DURABLE = frozenset({"os.fsync", "os.fdatasync"})
_CONNECTING = frozenset({"connect", "connect_ex"})
_DOING_NOTHING_MUCH = frozenset({"close", "shutdown", "flush", "quit", "terminate", "kill", "release", "__exit__"})


def counts(kind: str, effect: Effect) -> bool:
    """Whether an effect is weighty enough to be told of: whole files and not metadata, requests and not `close`."""
    name = effect.name
    last = name.rpartition(".")[2]
    if last in _DOING_NOTHING_MUCH or name.startswith(_NO_CHILDREN):
        return False
    if kind in COMPUTES:
        return is_long(effect)
    if kind == "disk":
        if name in _DURABLE:
            return True
        if name.startswith(_NO_MATTER) or last in _INTO_ONE_FILE:
            return False
        return effect.weight_s >= _WHOLE_FILE_S or name in _WHOLE_FILES
    if name.startswith(_ON_A_CONNECTION):
        return last in _CONNECTING
    return True
