"""What calls in a loop hand on to each other, seen through the functions that change it; and rates that are kept."""

from __future__ import annotations

import textwrap
from typing import Any

import pytest

from iobound.model.source_facts import LoopFact

DEPENDENT = {
    "parts of a parameter": """
        def advance(bodies):
            for index, one in enumerate(bodies):
                for other in bodies[index + 1 :]:
                    one[3] -= other[0] * 0.1

        for _ in range(rounds):
            advance(BODIES)
    """,
    "attributes of an object": """
        class Spring:
            def step(self):
                self.speed = self.speed - 0.1 * self.place
                self.place = self.place + self.speed

        spring = Spring()
        for _ in range(rounds):
            spring.step()
    """,
    "attributes of a parameter": """
        def train(model, rows):
            for row in rows:
                model.weight -= 0.1 * row * model.weight

        for _ in range(rounds):
            train(MODEL, ROWS)
    """,
    "a set that is made anew from itself": """
        class Life:
            def step(self):
                new = set()
                for cell in self.cells:
                    new.add(cell + 1)
                self.cells = new

            def run(self):
                for _ in range(rounds):
                    self.step()
    """,
    "through a method that reads": """
        class Net:
            def forward(self, x):
                return [weight * x for weight in self.weights]

            def learn(self, x):
                out = self.forward(x)
                self.weights = [value - 0.1 for value in out]

            def fit(self):
                for x in range(rounds):
                    self.learn(x)
    """,
    "through a function below": """
        def nudge(grid, y):
            grid[y] = grid[y] + grid[y - 1]

        def update(grid):
            for y in range(9):
                nudge(grid, y)

        for _ in range(rounds):
            update(GRID)
    """,
    "a list that is tested against": """
        found = []
        for k in range(rounds):
            if all(k % prime for prime in found):
                found.append(k)
    """,
}
APART = {
    "what the call makes for itself": """
        def one(number):
            state = [number]
            for _ in range(9):
                state[0] = state[0] * 2
            return state

        for number in range(rounds):
            one(number)
    """,
    "a parameter that is bound anew": """
        def digits(number):
            total = 0
            while number:
                number, rest = divmod(number, 10)
                total += rest
            return total

        for number in range(rounds):
            digits(number)
    """,
    "a parameter that is only read": """
        def near(points, number):
            return min(abs(point - number) for point in points)

        for number in range(rounds):
            near(POINTS, number)
    """,
}
DOUBTFUL = {
    "collects into an attribute": """
        class Scraper:
            def fetch(self, number):
                self.pages.append(get(number))

            def run(self):
                for number in range(rounds):
                    self.fetch(number)
    """,
    "sets an attribute and uses it": """
        class Client:
            def ask(self, number):
                self.answer = get(number)
                return self.answer.text

            def run(self):
                for number in range(rounds):
                    self.ask(number)
    """,
    "remembers": """
        seen = {}

        def known(number):
            if number not in seen:
                seen[number] = get(number)

        for number in range(rounds):
            known(number)
    """,
    "counts by key": """
        counts = {}

        def note(number):
            counts[number % 7] += number

        for number in range(rounds):
            note(number)
    """,
}


def _loop(observe: type[Any], source: str) -> LoopFact:
    facts = observe(textwrap.dedent(source)).facts
    (loop,) = [loop for loop in facts.loops if "rounds" in loop.iterable or loop.kind == "while"]
    return loop


@pytest.mark.parametrize("name", DEPENDENT)
def test_a_call_that_goes_on_from_the_one_before_is_dependent(observe: type[Any], name: str) -> None:
    """Through parameters, attributes, methods and functions of the same file."""
    found = _loop(observe, DEPENDENT[name])
    assert found.independent == "no", found.obstacles


@pytest.mark.parametrize("name", APART)
def test_a_call_that_keeps_to_itself_is_independent(observe: type[Any], name: str) -> None:
    """Names of the call, and parameters that are rebound or read, are nobody else's."""
    found = _loop(observe, APART[name].replace("while number", "for _ in iter(lambda: number, 0)"))
    assert found.independent == "yes", found.obstacles


@pytest.mark.parametrize("name", DOUBTFUL)
def test_a_call_that_only_leaves_something_behind_is_doubtful(observe: type[Any], name: str) -> None:
    """Collecting, remembering and counting may be done in any order, if nobody minds."""
    found = _loop(observe, DOUBTFUL[name])
    assert found.independent == "unknown", found.obstacles


THROTTLED = {
    "in the loop": "import time\nfor u in range(rounds):\n    get(u)\n    time.sleep(1)",
    "in the function": (
        "import time\ndef ask(u):\n    with get(u) as a:\n        a.read()\n    time.sleep(0.1)\n"
        "for u in range(rounds):\n    ask(u)"
    ),
    "in a comprehension": "import time\ndef ask(u):\n    time.sleep(0.1)\nx = [ask(u) for u in range(rounds)]",
    "after a try": (
        "import time\nfor u in range(rounds):\n    try:\n        get(u)\n    except OSError:\n        pass\n"
        "    finally:\n        time.sleep(1)"
    ),
}
NOT_THROTTLED = {
    "after a failure": (
        "import time\nfor u in range(rounds):\n    try:\n        get(u)\n    except OSError:\n        time.sleep(1)"
    ),
    "under a test": "import time\nfor u in range(rounds):\n    if get(u) == 429:\n        time.sleep(1)",
    "in an inner loop": (
        "import time\ndef ask(u):\n    for turn in (1, 2):\n        time.sleep(1)\nfor u in range(rounds):\n    ask(u)"
    ),
    "only defined": "import time\nfor u in range(rounds):\n    get(u, lambda: time.sleep(1))",
    "another sleep": "def sleep(s):\n    pass\nfor u in range(rounds):\n    sleep(1)",
}


@pytest.mark.parametrize("name", THROTTLED)
def test_sleep_in_every_iteration_is_a_throttle(observe: type[Any], name: str) -> None:
    """Wherever it stands, in the loop or in what it calls."""
    assert _loop(observe, THROTTLED[name]).throttled


@pytest.mark.parametrize("name", NOT_THROTTLED)
def test_sleep_that_depends_on_something_is_no_throttle(observe: type[Any], name: str) -> None:
    """A pause after a failure may overlap with other work."""
    assert not _loop(observe, NOT_THROTTLED[name]).throttled


def test_a_search_adds_to_what_it_drains(observe: type[Any]) -> None:
    """Its items are found on the way."""
    search = "while queue:\n    node = queue.popleft()\n    for near in graph[node]:\n        queue.append(near)"
    drain = "while queue:\n    node = queue.popleft()\n    visit(node)\n    done.append(node)"
    assert _loop(observe, search).grows
    assert not _loop(observe, drain).grows
