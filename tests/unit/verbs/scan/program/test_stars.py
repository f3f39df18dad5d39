"""Names that modules have through `from … import *`."""

from __future__ import annotations

import pytest

from iobound.verbs.scan.catalogue.lookup import catalogue
from iobound.verbs.scan.program.module_names import module_names
from iobound.verbs.scan.program.tree import Function, Library, Module, Tree
from iobound.verbs.scan.scanning import findings, read_facts

WAITING = "import time\n\n\ndef wait():\n    time.sleep(1)\n"


def tree_of(files: dict[str, str]) -> Tree:
    names = module_names(dict.fromkeys(files, 0))
    tops = frozenset(name.partition(".")[0] for name, _ in names.values())
    return Tree(
        [Module(file, *names[file], read_facts(file, text.encode(), tops)) for file, text in files.items()], catalogue()
    )


def blocked(files: dict[str, str]) -> list[str]:
    """Files with a coroutine that waits."""
    facts = {file: read_facts(file, text.encode(), frozenset({"kit", "app"})) for file, text in files.items()}
    return [each.file for each in findings(facts, lambda file: files[file].encode()) if each.rule == "IOB110"]


def test_stars_of_modules_that_are_not_there_end() -> None:
    """Generated or compiled modules: asking their package for a name led to the same stars, over and over."""
    stars = "".join(f"from .gone{number} import *\n" for number in range(200))
    files = {"kit/__init__.py": stars, "app.py": "from kit import wait\n\n\nasync def main():\n    wait(1)\n"}
    assert blocked(files) == []


def test_modules_that_star_one_another_end() -> None:
    """Every module imports all names of all others, and one of them has it."""
    count = 14
    files = {
        f"kit/m{number}.py": "".join(f"from kit.m{other} import *\n" for other in range(count) if other != number)
        for number in range(count)
    }
    files["kit/__init__.py"] = ""
    files[f"kit/m{count - 1}.py"] += WAITING
    files["app.py"] = "from kit.m0 import wait\n\n\nasync def main():\n    wait()\n"
    assert blocked(files) == ["app.py"]


def test_a_circle_of_stars_does_not_hide_what_stands_behind_it() -> None:
    files = {
        "kit/__init__.py": "",
        "kit/a.py": "from kit.b import *\n",
        "kit/b.py": "from kit.a import *\nfrom kit.c import *\n",
        "kit/c.py": WAITING,
        "app.py": "from kit.a import wait\n\n\nasync def main():\n    wait()\n",
    }
    assert blocked(files) == ["app.py"]


@pytest.mark.parametrize("way", ["from time import *\n", "from kit.again import *\n"])
def test_names_of_libraries_come_through_stars(way: str) -> None:
    tree = tree_of({"kit/__init__.py": way, "kit/again.py": "from time import *\n"})
    assert tree.named_target("kit.sleep") == Library("time.sleep")


def test_the_last_star_that_has_a_name_counts() -> None:
    tree = tree_of(
        {
            "kit/__init__.py": "from kit.one import *\nfrom kit.two import *\n",
            "kit/one.py": WAITING,
            "kit/two.py": WAITING,
        }
    )
    target = tree.named_target("kit.wait")
    assert isinstance(target, Function)
    assert tree.named(target) == "kit.two.wait"
