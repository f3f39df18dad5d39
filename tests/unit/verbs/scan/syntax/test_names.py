"""What callees are resolved to, through imports, assignments, constructors and annotations."""

from __future__ import annotations

from typing import Any

import pytest

RESOLVED = [
    ("import requests\nrequests.get(1)", "requests.get(1)", "requests.get"),
    ("import requests as r\nr.get(1)", "r.get(1)", "requests.get"),
    ("from urllib.request import urlretrieve as fetch\nfetch(1)", "fetch(1)", "urllib.request.urlretrieve"),
    ("import urllib.request\nurllib.request.urlopen(1)", "urllib.request.urlopen(1)", "urllib.request.urlopen"),
    ("def f():\n    from time import sleep\n    sleep(1)", "sleep(1)", "time.sleep"),
    ("from time import *\nsleep(1)", "sleep(1)", "time.sleep"),
    ("import requests\nget = requests.get\ndef f():\n    get(1)", "get(1)", "requests.get"),
    ("import requests\ns = requests.Session()\ns.get(1)", "s.get(1)", "requests.Session.get"),
    ("import requests\nwith requests.Session() as s:\n    s.get(1)", "s.get(1)", "requests.Session.get"),
    ("import requests\ndef f(s: requests.Session):\n    s.get(1)", "s.get(1)", "requests.Session.get"),
    ("import requests\ndef f(s: 'requests.Session | None'):\n    s.get(1)", "s.get(1)", "requests.Session.get"),
    (
        "from typing import Optional\nimport queue\ndef f(q: Optional[queue.Queue]):\n    q.get()",
        "q.get()",
        "queue.Queue.get",
    ),
    ("import requests\ns: requests.Session = make()\ns.get(1)", "s.get(1)", "requests.Session.get"),
    ("with open('a') as f, open('b') as g:\n    g.write('x')", "g.write('x')", "io.IOBase.write"),
    ("f = open('a')\nf.read()", "f.read()", "io.IOBase.read"),
    ("open('a')", "open('a')", "builtins.open"),
    ("import tempfile\nwith tempfile.NamedTemporaryFile() as t:\n    t.write(b'')", "t.write(b'')", "io.IOBase.write"),
    ("import pathlib\np = pathlib.Path('a') / 'b'\np.read_text()", "p.read_text()", "pathlib.Path.read_text"),
    ("import sqlite3\nc = sqlite3.connect('d').cursor()\nc.execute('q')", "c.execute('q')", "sqlite3.Cursor.execute"),
    ("import functools, time\nnap = functools.partial(time.sleep, 1)\nnap()", "nap()", "time.sleep"),
    ("import io\nio.open('a')", "io.open('a')", "builtins.open"),
    (
        "try:\n    import ujson as json\nexcept ImportError:\n    json = None\njson.loads(1)",
        "json.loads(1)",
        "ujson.loads",
    ),
    ("import threading as t\na, b = t.Lock(), t.Event()\nb.wait()", "b.wait()", "threading.Event.wait"),
    ("def download(u): ...\ndownload(1)", "download(1)", "download"),
    ("from .net import fetch\nfetch(1)", "fetch(1)", "net.fetch"),
    ("', '.join(x)", "', '.join(x)", "builtins.str.join"),
    ("import socket\nif (s := socket.create_connection(a)):\n    s.recv(1)", "s.recv(1)", "socket.socket.recv"),
]


@pytest.mark.parametrize(("source", "call", "name"), RESOLVED)
def test_a_callee_is_resolved_to_the_name_that_it_has_where_it_comes_from(
    observe: Any, source: str, call: str, name: str
) -> None:
    assert observe(source).name(call) == name


NOT_FOOLED = [
    ("import requests\ndef f(requests):\n    requests.get(1)", "requests.get(1)", "requests.get"),
    ("def open(x): ...\nopen('a')", "open('a')", "open"),
    ("def f(cache):\n    cache.get('k')", "cache.get('k')", "cache.get"),
    ("from .requests import get\nget(1)", "get(1)", "requests.get"),
    ("time = clock()\ntime.sleep(1)", "time.sleep(1)", "time.sleep"),
]


@pytest.mark.parametrize(("source", "call", "name"), NOT_FOOLED)
def test_a_name_that_only_looks_like_a_library_has_no_category(observe: Any, source: str, call: str, name: str) -> None:
    fact = observe(source).call(call)
    assert (fact.name, fact.category, fact.gil) == (name, None, None)


def test_attributes_of_self_are_what_any_method_assigned_to_them(observe: Any) -> None:
    seen = observe("""
        import requests, threading
        class Crawler:
            def __init__(self, client=None):
                self.client = client or requests.Session()
                self.lock = threading.Lock()
            def fetch(self, url):
                with self.lock:
                    return self.client.get(url)
            def run(self):
                self.fetch(1)
        Crawler().run()
    """)
    assert seen.name("self.client.get(url)") == "requests.Session.get"
    assert seen.name("self.lock") == "threading.Lock.__enter__"
    assert seen.name("self.fetch(1)") == "Crawler.fetch"
    assert seen.name("Crawler().run()") == "Crawler.run"


def test_methods_are_found_in_bases_of_this_file_and_of_libraries(observe: Any) -> None:
    seen = observe("""
        import requests
        class Base(requests.Session):
            def own(self): ...
        class Client(Base):
            def fetch(self, url):
                super().own()
                return self.get(url)
        Client().own()
    """)
    assert seen.name("Client().own()") == "Base.own"
    assert seen.name("super().own()") == "Base.own"
    assert seen.call("self.get(url)").category == "network"


def test_return_annotations_type_the_results_of_local_functions(observe: Any) -> None:
    seen = observe("""
        import requests
        def session() -> requests.Session: ...
        session().get(1)
    """)
    assert seen.name("session().get(1)") == "requests.Session.get"


def test_a_name_bound_twice_stands_for_its_last_value_before_the_use(observe: Any) -> None:
    seen = observe("""
        import time, requests
        f = time.sleep
        f(1)
        f = requests.get
        f(2)
    """)
    assert (seen.name("f(1)"), seen.name("f(2)")) == ("time.sleep", "requests.get")


def test_names_that_are_bound_in_a_circle_stay_as_spelled(observe: Any) -> None:
    assert observe("a = b\nb = a\na.go()").name("a.go()") == "a.go"
