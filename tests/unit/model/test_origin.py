"""Whose code a file is, by its name alone."""

import doctest

import pytest

from iobound.model import origin
from iobound.model.origin import is_own_code

OWN = [
    "crawl.py",
    "./crawl.py",
    "/home/ann/crawl.py",
    "/home/ann/python3/crawl.py",
    "/home/ann/lib/crawl.py",
    "/home/ann/mylib/python3.py",
    "/srv/importlib_demo/main.py",
    r"C:\Users\ann\crawl.py",
    r"C:\work\Lib\crawl.py",
    r"D:\python\crawl.py",
    "/tmp/ipykernel_4711/1234.py",
    "<string>",
    "<stdin>",
    "<ipython-input-3-abc>",
    "<doctest README[0]>",
]
OTHERS = [
    "",
    "/usr/lib/python3.12/socket.py",
    "/usr/lib64/python3.11/asyncio/base_events.py",
    "/usr/local/lib/python3.13t/queue.py",
    "/home/ann/.pyenv/versions/3.12.1/lib/python3.12/subprocess.py",
    "/Library/Frameworks/Python.framework/Versions/3.11/lib/python3.11/ssl.py",
    "/usr/lib/pypy3.10/socket.py",
    "/home/ann/venv/lib/python3.11/site-packages/requests/api.py",
    "/usr/lib/python3/dist-packages/apt/cache.py",
    r"C:\Python311\Lib\socket.py",
    r"C:\Python311-32\lib\socket.py",
    r"C:\Users\ann\AppData\Local\Programs\Python\Python313\Lib\json\__init__.py",
    r"C:\Users\ann\venv\Lib\site-packages\requests\api.py",
    r"C:\Users\ann\miniconda3\envs\x\Lib\socket.py",
    r"C:\python\python311.zip\socket.py",
    "<frozen importlib._bootstrap>",
    "<frozen runpy>",
    "<__array_function__ internals>",
    "<attrs generated init x.Y>",
]


@pytest.mark.parametrize("file", OWN)
def test_files_of_the_user_are_own_code(file: str) -> None:
    assert is_own_code(file)


@pytest.mark.parametrize("file", OTHERS)
def test_interpreter_packages_and_machinery_are_not_own_code(file: str) -> None:
    assert not is_own_code(file)


def test_examples_in_the_documentation_hold() -> None:
    assert doctest.testmod(origin).failed == 0


@pytest.mark.parametrize(
    "file",
    [
        "/home/ann/iobound/src/iobound/pipeline/observing.py",
        r"C:\src\iobound\pipeline\coroutines.py",
        "/x/iobound/verbs/observe/beside.py",
        "/x/iobound/verbs/observe/__init__.py",
        "/x/iobound/decorator/wrappers.py",
        "/x/iobound/agent/bootstrap/_iobound_agent.py",
    ],
)
def test_what_stands_in_other_peoples_stacks_is_never_their_own(file):
    assert not is_own_code(file)


@pytest.mark.parametrize("file", ["/x/iobound/verbs/scan/reading.py", "/x/myiobound/decorator/a.py", "/x/observing.py"])
def test_the_rest_of_iobound_is_its_developers_own(file):
    assert is_own_code(file)
