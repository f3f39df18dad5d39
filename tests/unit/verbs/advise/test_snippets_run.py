"""Snippets do what the loop does: programs are run with the snippet in place of the loop, and give the same."""

from __future__ import annotations

import ast
import builtins
import subprocess
import sys
import textwrap
from typing import NamedTuple

import pytest
from advise_stories import NET, site_of

from iobound.model.recording import Place
from iobound.model.source_facts import CallFact
from iobound.verbs.advise import snippets
from iobound.verbs.scan import examine

BODY = "        ...  # what the loop did with it"


class Program(NamedTuple):
    """A program that collects into `found` what a loop finds, and prints it.

    Attributes:
        source: Its source, with the loop between lines that begin with `# loop` and `# end`.
        call: The call in the loop.
    """

    source: str
    call: str


PROGRAMS = {
    "a call of the item alone, at module level": Program(
        """
        def score(text):
            return len(text) ** 2

        texts = ["a", "bb", "ccc"]
        found = []
        # loop
        for text in texts:
            value = score(text)
            found.append(value)
        # end
        print(found)
        """,
        "score(text)",
    ),
    "more arguments, at module level": Program(
        """
        def score(text, words):
            return sum(word in text for word in words)

        words = ["a", "b"]
        texts = ["a", "bb", "cab"]
        found = []
        # loop
        for text in texts:
            value = score(text, words)
            found.append(value)
        # end
        print(found)
        """,
        "score(text, words)",
    ),
    "names of a function": Program(
        """
        def score(text, words, least=0):
            return sum(word in text for word in words) - least

        def main():
            words, least = ["a", "b"], 1
            texts = ["a", "bb", "cab"]
            found = []
            # loop
            for text in texts:
                value = score(text, words, least=least)
                found.append(value)
            # end
            print(found)

        if __name__ == "__main__":
            main()
        """,
        "score(text, words, least=least)",
    ),
    "a parameter and several loop variables": Program(
        """
        def score(item, number, factor):
            return item * number * factor

        def main(factor):
            found = []
            # loop
            for number, item in enumerate(["a", "b", "c"]):
                value = score(item, number, factor)
                found.append(value)
            # end
            print(found)

        if __name__ == "__main__":
            main(2)
        """,
        "score(item, number, factor)",
    ),
    "a method": Program(
        """
        class Scorer:
            def __init__(self, words):
                self.words = words

            def score(self, one, text):
                return one + sum(word in text for word in self.words)

            def run(self, one, texts):
                found = []
                # loop
                for text in texts:
                    value = self.score(one, text)
                    found.append(value)
                # end
                print(found)

        if __name__ == "__main__":
            Scorer(["a", "b"]).run(7, ("a", "bb", "cab"))
        """,
        "self.score(one, text)",
    ),
    "inside of the block that only the main program runs": Program(
        """
        def score(text, words):
            return sum(word in text for word in words)

        if __name__ == "__main__":
            words = ["a", "b"]
            found = []
            # loop
            for text in ["a", "bb", "cab"]:
                value = score(text, words)
                found.append(value)
            # end
            print(found)
        """,
        "score(text, words)",
    ),
    "an inner loop that reads what the outer one binds": Program(
        """
        def score(feed, page):
            return f"{feed}/{page}"

        def main():
            found = []
            for feed in ("a", "b"):
                # loop
                for page in (1, 2, 3):
                    value = score(feed, page)
                    found.append(value)
                # end
            print(found)

        if __name__ == "__main__":
            main()
        """,
        "score(feed, page)",
    ),
    "what is made ready before the call": Program(
        """
        def score(path, words):
            return path + str(sum(word in path for word in words))

        def main(base, one):
            words = ["a", "b"]
            found = []
            # loop
            for text in ["a", "bb", "cab"]:
                text = text.upper()
                path = base + one + text.lower()
                value = score(path, words)
                found.append(value)
            # end
            print(found)

        if __name__ == "__main__":
            main("/tmp/", "x")
        """,
        "score(path, words)",
    ),
    "items that are filtered": Program(
        """
        def score(text, words):
            return sum(word in text for word in words)

        def main():
            words = ["a", "b"]
            # loop
            found = [score(text, words) for text in ["a", "", "cab"] if text]
            # end
            print(found)

        if __name__ == "__main__":
            main()
        """,
        "score(text, words)",
    ),
}


def loops_of(program: Program):
    """What the source says of the loops around the call, outermost first, and of the call."""
    from types import CodeType

    source = textwrap.dedent(program.source)
    places, pending = [], [compile(source, "app.py", "exec", dont_inherit=True)]
    while pending:
        code = pending.pop()
        for line, end_line, column, end_column in code.co_positions():
            if None not in (line, column, end_line, end_column):
                places.append(
                    Place("/home/ann/app.py", code.co_qualname, code.co_firstlineno, line, column, end_line, end_column)
                )
        pending.extend(each for each in code.co_consts if isinstance(each, CodeType))
    facts = examine(places, lambda _: source.encode())
    index = next(index for index, fact in facts.calls.items() if fact.text == program.call)
    return [facts.loops[loop] for loop in facts.enclosing[index]], facts.calls[index]


def parts_in(program: Program, loop: int = -1):
    """The parts of a loop around the call; the innermost unless told."""
    loops, fact = loops_of(program)
    site = site_of(fact.name, {NET: 1.0}, 1.0, loop=loops[loop])._replace(independent="yes")
    return snippets.parts_of(site, CallFact(fact.name, fact.text, fact.awaited))


def rewritten(program: Program, snippet: str, result: str) -> str:
    """The program with a snippet in place of the loop; what stands `at module level` goes before all that uses it."""
    before, _, rest = textwrap.dedent(program.source).partition("# loop\n")
    _, _, after = rest.partition("# end\n")
    indent = before[len(before.rstrip(" ")) :]
    before = before.rstrip(" ")
    snippet = snippet.replace("...  # what the loop did with it", f"found.append({result})")
    lines = snippet.split("\n")
    helper: list[str] = []
    if lines[0] == "# at module level":
        cut = next(number for number, line in enumerate(lines) if line.startswith(("# in ", "# in place")))
        helper, lines = lines[1:cut], lines[cut:]
    if "found = []" not in before:
        lines.insert(0, "found = []")
    place = "".join(f"{indent}{line}\n" for line in lines)
    return "\n".join(helper) + before + place + after


def output_of(source: str, folder) -> str:
    """What a program prints; it runs on its own, as its workers import it again."""
    file = folder / "app.py"
    file.write_text(textwrap.dedent(source))
    ran = subprocess.run([sys.executable, str(file)], capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0, f"{source}\n{ran.stderr}"
    return ran.stdout


SPAWN = "import multiprocessing\nmultiprocessing.set_start_method('spawn', force=True)\n"


@pytest.mark.parametrize("name", PROGRAMS)
def test_threads_give_what_the_loop_gives(name, tmp_path):
    program, made = PROGRAMS[name], parts_in(PROGRAMS[name])
    new = rewritten(program, snippets.threads(made, 2), made.result)
    assert "ThreadPoolExecutor" in new
    assert output_of(new, tmp_path) == output_of(program.source, tmp_path)


@pytest.mark.parametrize("chunk", [2, None])
@pytest.mark.parametrize("name", PROGRAMS)
def test_processes_give_what_the_loop_gives(name, chunk, tmp_path):
    """Workers that import the program anew find the helper; the names of a function come to them as arguments."""
    program, made = PROGRAMS[name], parts_in(PROGRAMS[name])
    new = rewritten(program, snippets.processes(made, 2, chunk), made.result)
    if "__main__" not in program.source:  # what follows the snippet is not for the workers either
        new = new.replace("\nprint(", '\nif __name__ == "__main__":\n    print(')
    assert "ProcessPoolExecutor" in new
    assert output_of(SPAWN + new, tmp_path) == output_of(program.source, tmp_path)


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_name_of_a_snippet_is_the_programs_or_its_own(name):
    program, made = PROGRAMS[name], parts_in(PROGRAMS[name])
    known = set(vars(builtins)) | _stored(ast.parse(textwrap.dedent(program.source)))
    for text in (snippets.threads(made, 2), snippets.processes(made, 2, None), snippets.tasks(made, 2)):
        tree = ast.parse(text)
        used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
        assert used <= known | _stored(tree)


def _stored(tree: ast.AST) -> set[str]:
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    names |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    names |= {
        node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    }
    return names | {
        alias.name for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom) for alias in node.names
    }


def test_no_snippet_for_a_loop_around_the_one_that_binds_what_the_call_reads():
    program = PROGRAMS["an inner loop that reads what the outer one binds"]
    assert parts_in(program, 0) is None


@pytest.mark.parametrize(
    "body",
    [
        "if text:\n            path = base + text\n        value = score(path)",
        "path = path + text\n        value = score(path)",
        "base.append(text)\n        path = text\n        value = score(path)",
        "path = text\n        if base:\n            value = score(path)",
        "value = score(path)\n        path = text",
    ],
)
def test_no_snippet_where_the_call_needs_more_than_plain_assignments(body):
    source = f"def main(texts, base, path):\n    for text in texts:\n        {body}\n"
    assert parts_in(Program(source, "score(path)")) is None


def test_no_processes_for_a_function_that_is_made_in_another():
    source = """
        def main(texts):
            def score(text):
                return len(text)
            for text in texts:
                value = score(text)
    """
    made = parts_in(Program(source, "score(text)"))
    assert snippets.processes(made, 2, 1) == ""
    assert "pool.map(score, texts)" in snippets.threads(made, 2)


def test_tasks_are_awaited_in_a_coroutine_and_never_called_main():
    source = """
        async def main(session, urls):
            for url in urls:
                page = await session.get(url)
    """
    text = snippets.tasks(parts_in(Program(source, "session.get(url)")), 2)
    assert "def main" not in text
    assert "asyncio.run" not in text
    assert text.endswith("pages = await all_at_once()")


AWAITING = Program(
    """
    import asyncio

    async def download(url, limit):
        await asyncio.sleep(0)
        return url[:limit]

    async def main(base):
        limit = 9
        found = []
        # loop
        for page in ("a", "b", "c"):
            url = base + page
            body = await download(url, limit)
            found.append(body)
        # end
        print(found)

    asyncio.run(main("http://h/"))
    """,
    "download(url, limit)",
)


def test_tasks_give_what_the_loop_gives(tmp_path):
    """Inside of the program's own coroutine `main`, with a name of the program that the snippet would like to have."""
    made = parts_in(AWAITING)
    snippet = snippets.tasks(made, 2) + "\nfound.extend(bodys)"
    new = rewritten(AWAITING, snippet, made.result)
    assert "TaskGroup" in new
    assert output_of(new, tmp_path) == output_of(AWAITING.source, tmp_path)
