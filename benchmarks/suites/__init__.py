"""Test suites of different kinds, written to a directory when they are needed."""

from __future__ import annotations

from pathlib import Path

_COMPUTE = """
import time
def compute(seconds):
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        sum(range(2000))
"""

_SERVER = """
import socket, threading, time, pytest

@pytest.fixture(scope="session")
def server():
    listener = socket.create_server(("127.0.0.1", 0))
    def answer(connection):
        while delay := connection.recv(16):
            time.sleep(float(delay))
            connection.sendall(b"done")
    def serve():
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=answer, args=(connection,), daemon=True).start()
    threading.Thread(target=serve, daemon=True).start()
    return listener.getsockname()

@pytest.fixture
def ask(server):
    def ask(seconds):
        with socket.create_connection(server) as connection:
            connection.sendall(f"{seconds:.4f}".encode())
            assert connection.recv(16) == b"done"
    return ask
"""


def _many(count: int, body: str, arguments: str = "") -> str:
    arguments = f"i, {arguments}" if arguments else "i"
    return (
        "import pytest, time\nfrom work import compute\n"
        f"@pytest.mark.parametrize('i', range({count}))\ndef test_it({arguments}):\n    {body}\n"
    )


_DEAR = """
import pytest, time
from work import compute

@pytest.fixture(scope="session")
def database():
    compute(1.2); time.sleep(0.8)
    yield
    time.sleep(0.2)
"""

_MODULE_FIXTURE = """
import pytest, time
from work import compute

@pytest.fixture(scope="module")
def schema():
    compute(0.15); time.sleep(0.25)

@pytest.mark.parametrize("i", range(10))
def test_it(i, schema):
    time.sleep(0.03)
"""

_MIXED = """
import pytest, time
from work import compute

@pytest.mark.parametrize("i", range(40))
def test_quick(i):
    pass

@pytest.mark.parametrize("i", range(15))
def test_sleeps(i):
    time.sleep(0.1)

@pytest.mark.parametrize("i", range(15))
def test_computes(i):
    compute(0.1)

@pytest.mark.parametrize("i", range(15))
def test_waits(i, ask):
    ask(0.15)
"""

_CHILDREN = """
import subprocess, sys, pytest

@pytest.mark.parametrize("i", range(16))
def test_starts_a_program(i):
    subprocess.run([sys.executable, "-c", "import time; time.sleep(0.2)"], check=True)
"""

_THREADS = """
import pytest, time
from concurrent.futures import ThreadPoolExecutor

@pytest.mark.parametrize("i", range(12))
def test_in_threads(i, ask):
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(ask, [0.1] * 8))
"""

_CLASSES = """
import pytest, time
from work import compute

@pytest.fixture(scope="class")
def client():
    time.sleep(0.2)

""" + "".join(
    f"""
class Test{number}:
    def test_one(self, client): compute(0.05)
    def test_two(self, client): time.sleep(0.05)
    def test_three(self, client): time.sleep(0.05)
"""
    for number in range(12)
)

SUITES: dict[str, dict[str, str]] = {
    "sleepers": {"test_sleepers.py": _many(40, "time.sleep(0.15)")},
    "network": {"conftest.py": _SERVER, "test_network.py": _many(60, "ask(0.1)", "ask")},
    "computing": {"test_computing.py": _many(40, "compute(0.15)")},
    "tiny": {"test_tiny.py": _many(1500, "pass")},
    "dear_session": {"conftest.py": _DEAR, "test_dear.py": _many(40, "time.sleep(0.05)", "database")},
    "one_long": {
        "test_long.py": "import time\ndef test_long(): time.sleep(4)\n",
        "test_short.py": _many(30, "time.sleep(0.05)"),
    },
    "long_last": {
        "test_a_short.py": _many(30, "time.sleep(0.05)"),
        "test_long.py": "import time\ndef test_long(): time.sleep(3)\n",
    },
    "mixed": {"conftest.py": _SERVER, "test_mixed.py": _MIXED},
    "few": {"test_few.py": _many(3, "time.sleep(1.0)")},
    "short": {"test_short.py": _many(10, "time.sleep(0.01)")},
    "modules": {f"test_module_{number}.py": _MODULE_FIXTURE for number in range(6)},
    "classes": {"test_classes.py": _CLASSES},
    "children": {"test_children.py": _CHILDREN},
    "threads": {"conftest.py": _SERVER, "test_threads.py": _THREADS},
    "uneven": {
        "test_uneven.py": "import pytest, time\nfrom work import compute\n"
        "@pytest.mark.parametrize('i', range(36))\n"
        "def test_it(i):\n    time.sleep(0.02 * (1 + i % 12))\n    compute(0.01 * (1 + i % 5))\n"
    },
}
"""Files of each suite; `work.py` and an empty ini file are added to all."""


def write(name: str, folder: Path) -> None:
    """Write a suite into an empty directory."""
    write_files(SUITES[name], folder)


def write_files(files: dict[str, str], folder: Path) -> None:
    """Write files of a suite, and what all suites have, into an empty directory."""
    folder.mkdir(parents=True, exist_ok=True)
    for file, text in {"work.py": _COMPUTE, "pytest.ini": "[pytest]\npythonpath = .\n", **files}.items():
        (folder / file).write_text(text, encoding="utf-8")
