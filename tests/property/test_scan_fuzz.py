"""No source, however mangled, and no place, however wrong, makes the scan raise."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from iobound.model.recording import Place
from iobound.verbs.scan import examine

SOURCE = b"""\
import requests, time
from typing import Optional
class Crawler(requests.Session):
    def __init__(self, client: "Optional[requests.Session]" = None):
        self.client = client or requests.Session()
    async def fetch(self, url):
        async with self.client.get(url) as response:
            return [await part.read() async for part in response if part]
    def run(self, urls, *rest, key=lambda x: x):
        global total
        for number, url in enumerate(urls):
            try:
                page = self.client.get(url)
            except OSError as error:
                total += 1
                continue
            else:
                match page:
                    case {"a": a, **others} if a: yield a
                    case [first, *_]: del others[first]
            while (n := next(rest)) > 3 and url in self.seen:
                self.seen[url], (a, *b) = n, page
                if n: break
        return {k: v for k, v in sorted(page) for _ in range(3) if k}
"""
FILES = ("/home/ann/a.py", "/usr/lib/python3.12/socket.py", "/v/site-packages/x.py")
FUNCTIONS = ("<module>", "Crawler.run", "Crawler.fetch", "Crawler.run.<locals>.<lambda>", "SocketIO.readinto", "")
SMALL = st.integers(min_value=-2, max_value=40)
PLACES = st.builds(
    Place,
    file=st.sampled_from(FILES),
    function=st.sampled_from(FUNCTIONS),
    first_line=SMALL,
    line=SMALL,
    column=SMALL,
    end_line=SMALL,
    end_column=SMALL,
)


@st.composite
def mangled(draw: st.DrawFn) -> bytes:
    """The source with pieces moved, doubled, cut out or replaced."""
    source = SOURCE
    for _ in range(draw(st.integers(0, 4))):
        start, end = sorted((draw(st.integers(0, len(source))), draw(st.integers(0, len(source)))))
        piece = draw(
            st.sampled_from([b"", source[start:end] * 2, b"\0", b"\xe4", b"(", b"\n", b"    ", b"\r", b"\x0c", b"'''"])
        )
        source = source[:start] + piece + source[end:]
    return source


@given(source=mangled() | st.binary(max_size=200), places=st.lists(PLACES, max_size=8))
@settings(max_examples=150, deadline=None)
def test_mangled_sources_and_wrong_places_never_raise(source: bytes, places: list[Place]) -> None:
    facts = examine(places, lambda _: source)
    assert set(facts.calls) | set(facts.enclosing) | set(facts.lines) <= set(range(len(places)))


STATEMENTS = st.recursive(
    st.sampled_from(
        [
            "x = f(x)",
            "y += g(i)",
            "out.append(f(i))",
            "d[i] = d.get(i, 0) + 1",
            "self.n += f(i)",
            "break",
            "continue",
            "return",
            "del x, d[i]",
            "(z := f(z))",
            "q = [f(j, x) for j in y if (w := j)]",
            "h = lambda a: a + x",
            "import os",
            "global x",
            "a, (b, *c) = f(i), d",
        ]
    ),
    lambda inner: st.builds(
        lambda head, body: head + "\n" + "\n".join("  " + line for text in body for line in text.split("\n")),
        st.sampled_from(["for i in f(x):", "while f(y):", "if x:", "with f(x) as y:", "def k(m):", "class K:"]),
        st.lists(inner, min_size=1, max_size=4),
    ),
    max_leaves=12,
)


@given(body=st.lists(STATEMENTS, min_size=1, max_size=5))
@settings(max_examples=150, deadline=None)
def test_every_loop_gets_one_of_three_answers_and_a_no_has_its_reason(body: list[str]) -> None:
    lines = [line for text in body for line in text.split("\n")]
    source = "def main():\n for i in items():\n  pass\n" + "\n".join("  " + line for line in lines)
    places = [Place("/home/ann/a.py", "main", 1, number + 1) for number in range(len(lines) + 3)]
    for loop in examine(places, lambda _: source.encode()).loops:
        assert loop.independent in ("yes", "no", "unknown")
        assert loop.independent == "yes" or loop.obstacles
