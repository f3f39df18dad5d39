"""What docs/pytest.md says of the plugin is so."""

import ast
import re
from pathlib import Path

import pytest

from iobound.model.diagnosis import Bound
from iobound.model.state import State
from iobound.verbs.gate.vocabulary import SUITE_NAMES


@pytest.fixture(scope="module")
def document(project: Path) -> str:
    return (project / "docs/pytest.md").read_text(encoding="utf-8")


def test_every_option_is_told_and_no_other(document: str, pytestconfig: pytest.Config) -> None:
    """On the command line, and in the ini file."""
    told = set(re.findall(r"`--(iobound[a-z-]*)", document))
    known = {name.removeprefix("--") for name in _options(pytestconfig)}
    assert told == known
    assert {name.replace("-", "_") for name in known} <= set(re.findall(r"`(iobound[a-z_]*)", document))


def _options(config: pytest.Config) -> set[str]:
    """Options that the plugin has added to the pytest that runs this."""
    found: set[str] = set()

    class Parser:
        def getgroup(self, *names: str) -> "Parser":
            return self

        def addoption(self, name: str, **settings: object) -> None:
            found.add(name)

        def addini(self, *names: object, **settings: object) -> None:
            pass

    plugin = config.pluginmanager.get_plugin("iobound")
    assert plugin is not None, "the plugin is installed but not loaded"
    plugin.pytest_addoption(Parser())
    return found


def test_every_name_of_an_expression_is_told(document: str) -> None:
    """What can be asked of a suite, states aside, which have a page of their own."""
    section = document.partition("## Options")[2].partition("## The marker")[0]
    states = {state.value for state in State}
    plain = {"bound", "dominant", "wall_s", "cpu_s"}
    assert plain | {name for name in SUITE_NAMES if name not in states} <= set(re.findall(r"`([a-z_]+)", section))


def test_every_bound_of_the_marker_is_told(document: str) -> None:
    """As words."""
    section = document.partition("## The marker")[2].partition("\n## ")[0]
    assert {bound.value for bound in Bound if bound is not Bound.INCONCLUSIVE} <= set(re.findall(r"`(\w+)`", section))


def test_the_examples_of_the_marker_are_right(document: str, pytester: pytest.Pytester) -> None:
    """They are collected, and their arguments are taken."""
    from iobound.pytest_plugin.marks import limits_of

    code = re.search(r"```python\n(.+?)```", document, re.DOTALL)
    assert code
    ast.parse(code[1])
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function")  # whose lack would be warned about
    items = pytester.getitems("import pytest\n" + code[1])
    assert len(items) == 2
    assert all(limits_of(item) for item in items)
