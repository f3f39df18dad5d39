"""What the catalogue says of pickling, tried on instances."""

import asyncio
import collections
import contextvars
import csv
import hashlib
import io
import logging
import mmap
import multiprocessing
import os
import pathlib
import pickle
import queue
import random
import re
import selectors
import socket
import sqlite3
import ssl
import subprocess
import sys
import tempfile
import threading
import types
import weakref
import xml.etree.ElementTree as ElementTree
import zlib
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from iobound.verbs.scan.catalogue.lookup import Catalogue


def _generator() -> object:
    return (number for number in range(3))


MAKERS: dict[str, Callable[[], object]] = {
    "asyncio.Queue": asyncio.Queue,
    "asyncio.AbstractEventLoop": asyncio.new_event_loop,
    "builtins.open": pathlib.Path(os.devnull).open,
    "collections.defaultdict": lambda: collections.defaultdict(list),
    "concurrent.futures.Executor": ThreadPoolExecutor,
    "concurrent.futures.Future": Future,
    "contextvars.ContextVar": lambda: contextvars.ContextVar("name"),
    "csv.reader": lambda: csv.reader([]),
    "dict_views": lambda: {}.keys(),
    "hashlib.HASH": hashlib.sha256,
    "io.BytesIO": io.BytesIO,
    "logging.Handler": logging.StreamHandler,
    "logging.Logger": lambda: logging.getLogger("name"),
    "memoryview": lambda: memoryview(b""),
    "mmap.mmap": lambda: mmap.mmap(-1, 100),
    "multiprocessing.Queue": multiprocessing.Queue,
    "os.DirEntry": lambda: next(os.scandir("/")),
    "os._Environ": lambda: os.environ,
    "pathlib.Path": pathlib.Path,
    "queue.Queue": queue.Queue,
    "random.Random": random.Random,
    "random.SystemRandom": random.SystemRandom,
    "re.Match": lambda: re.match("a", "a"),
    "re.Pattern": lambda: re.compile("a"),
    "selectors.DefaultSelector": selectors.DefaultSelector,
    "socket.socket": socket.socket,
    "sqlite3.Connection": lambda: sqlite3.connect(":memory:"),
    "sqlite3.Cursor": lambda: sqlite3.connect(":memory:").cursor(),
    "ssl.SSLContext": lambda: ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
    "subprocess.Popen": lambda: subprocess.Popen([sys.executable, "-c", ""]),
    "tempfile.TemporaryDirectory": tempfile.TemporaryDirectory,
    "threading.Condition": threading.Condition,
    "threading.Lock": threading.Lock,
    "threading.Thread": threading.Thread,
    "threading.local": threading.local,
    "types.GeneratorType": _generator,
    "types.MappingProxyType": lambda: types.MappingProxyType({}),
    "types.ModuleType": lambda: sys,
    "weakref.ref": lambda: weakref.ref(threading.Thread()),
    "xml.etree.ElementTree.Element": lambda: ElementTree.fromstring("<a/>"),
    "zlib.compressobj": zlib.compressobj,
}


def can_be_pickled(value: object) -> bool:
    """Whether `pickle` takes a value.

    Example:
        >>> can_be_pickled([1]), can_be_pickled(len), can_be_pickled(lambda: 1)
        (True, True, False)
    """
    try:
        pickle.dumps(value)
    except Exception:
        return False
    return True


def wrongly_said(known: Catalogue) -> list[str]:
    """What the catalogue says of pickling and is not so here; a word such as `factory-dependent` cannot be wrong."""
    wrong = []
    for name, make in MAKERS.items():
        facts = known.type_facts(name)
        if facts is None:
            wrong.append(f"{name} has no facts")
        elif isinstance(facts.picklable, bool) and can_be_pickled(make()) != facts.picklable:
            wrong.append(f"{name} says {facts.picklable}")
    return wrong
