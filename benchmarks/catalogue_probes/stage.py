"""What the calls under the probe work on: data big enough, files in a folder of their own, a server on the loopback."""

import json
import os
import random
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any

Act = tuple[Any, ...]
"""A callable and its positional arguments."""
Probe = Callable[["Stage"], Act]


class Stage:
    """Made once; everything on it is made when it is first asked for."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="catalogue-")
        self.folder = Path(self._folder.name)
        self._server: subprocess.Popen[bytes] | None = None
        self._kept: list[Any] = []

    def close(self) -> None:
        """Stop the server and take the files away."""
        for each in self._kept:
            with suppress(Exception):  # a peer that has gone away
                each.close()
        if self._server is not None and self._server.stdin is not None:
            self._server.stdin.close()
            self._server.wait(10)
        self._folder.cleanup()

    def keep(self, value: Any) -> Any:
        """Close a value in the end."""
        self._kept.append(value)
        return value

    @cached_property
    def ports(self) -> dict[str, int]:
        """Port of each protocol of the server."""
        command = [sys.executable, str(Path(__file__).with_name("server.py"))]
        self._server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._server.stdout is not None
        return json.loads(self._server.stdout.readline())

    @property
    def url(self) -> str:
        """An HTTP resource that takes 15 ms."""
        return f"http://127.0.0.1:{self.ports['http']}/"

    def connected(self, kind: str = "echo") -> socket.socket:
        """A socket of the server."""
        return self.keep(socket.create_connection(("127.0.0.1", self.ports[kind]), timeout=5))

    @cached_property
    def noise(self) -> bytes:
        """4 MB that nothing can compress."""
        return random.Random(1).randbytes(4_000_000)

    @cached_property
    def prose(self) -> str:
        """3 MB of words, a line each 12."""
        words = random.Random(2).choices("alpha beta gamma delta größer epsilon 12345 zeta: eta".split(), k=250_000)
        return "".join(word + ("\n" if place % 12 == 11 else " ") for place, word in enumerate(words))

    @cached_property
    def numbers(self) -> list[float]:
        """Half a million floats in no order."""
        source = random.Random(3)
        return [source.random() for _ in range(500_000)]

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        """Records as programs send them."""
        return [{"id": n, "name": f"name {n}", "score": n * 0.7, "tags": ["a", "b", None, True]} for n in range(40_000)]

    @cached_property
    def document(self) -> str:
        """The records as JSON."""
        return json.dumps(self.rows)

    @cached_property
    def markup(self) -> str:
        """A well-formed document of 2 MB."""
        return "<list>" + "".join(f'<item n="{n}"><b>text {n}</b></item>' for n in range(50_000)) + "</list>"

    def file(self, content: bytes | None = None, name: str = "") -> str:
        """Path of a file of its own."""
        handle, path = tempfile.mkstemp(dir=self.folder, suffix=name)
        with os.fdopen(handle, "wb") as out:
            out.write(self.noise if content is None else content)
        return path

    @cached_property
    def many(self) -> str:
        """A folder with 3,000 files."""
        folder = self.folder / "many"
        folder.mkdir()
        for number in range(3000):
            (folder / f"f{number}").touch()
        return str(folder)

    @cached_property
    def tree(self) -> str:
        """A folder with folders and files in it."""
        folder = self.folder / "tree"
        for number in range(20):
            part = folder / f"d{number}"
            part.mkdir(parents=True)
            for other in range(20):
                (part / f"f{other}").write_bytes(b"x" * 2000)
        return str(folder)
