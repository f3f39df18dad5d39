"""What the documents say is there, is there, and the other way round."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from iobound.cli.main import COMMANDS
from iobound.model.diagnosis import METHODS, Bound
from iobound.model.state import State
from iobound.verbs.report import FORMATS
from iobound.verbs.report.records.log import WORDS


@pytest.fixture(scope="module")
def readme(project: Path) -> str:
    return (project / "README.md").read_text(encoding="utf-8")


def marked_command(text: str, marker: str) -> str:
    """The shell command in the fence after an HTML comment."""
    found = re.search(rf"^<!-- {marker} -->\n```sh\n(.+?)\n```$", text, re.MULTILINE | re.DOTALL)
    assert found, f"README.md has no fence after <!-- {marker} -->"
    return found[1]


@pytest.mark.parametrize("state", list(State))
def test_readme_names_every_state(readme: str, state: State) -> None:
    """The thirteen states of the budget are explained."""
    assert f"`{state}`" in readme


@pytest.mark.parametrize("bound", list(Bound))
def test_readme_names_every_verdict(readme: str, bound: Bound) -> None:
    """The verdicts are explained."""
    assert f"`{bound}`" in readme


@pytest.mark.parametrize("method", METHODS)
def test_readme_names_the_seven_ways(readme: str, method: str) -> None:
    """The seven ways to tell what a program is bound by are explained."""
    assert f"`{method}`" in readme


def test_readme_names_every_command(readme: str) -> None:
    """Each command stands in the table of commands, and no other."""
    assert set(re.findall(r"^\| `iobound ([a-z]+)", readme, re.MULTILINE)) == set(COMMANDS)


def test_readme_names_only_options_that_exist(readme: str) -> None:
    """What the section on commands says can be typed."""
    section = readme.partition("## Commands")[2].partition("\n## ")[0]
    helps = [
        subprocess.run(
            [sys.executable, "-m", "iobound", name, "--help"], capture_output=True, text=True, check=True, timeout=60
        ).stdout
        for name in COMMANDS
    ]
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", section))
    assert named
    assert named <= set(re.findall(r"--[a-z][a-z-]+", "\n".join(helps)))


@pytest.mark.parametrize("name", list(FORMATS))
def test_readme_names_every_format(readme: str, name: str) -> None:
    """Each report format can be found without reading code."""
    assert f"`{name}`" in readme


def test_readme_installs_and_runs_a_sample_that_exists(project: Path, readme: str) -> None:
    """The first command makes its own environment and runs a sample."""
    command = marked_command(readme, "run-command")
    assert command.startswith("python3 -m venv ")
    sample = command.split()[-1]
    assert (project / sample).is_file()


def test_ci_runs_the_command_of_the_readme(project: Path, readme: str) -> None:
    """What `.ci/run` cuts out of the README is the test command, character for character."""
    script = (project / ".ci/run").read_text(encoding="utf-8")
    pipeline = re.search(r"readme_test_command\(\) \{\n(.+?)\n\}", script, re.DOTALL)
    assert pipeline
    extraction = f'checkout="{project}"\n{pipeline[1]}'
    done = subprocess.run(["bash", "-c", extraction], capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout.strip() == marked_command(readme, "test-command")


def test_changelog_has_the_version(project: Path) -> None:
    """A version that is shipped has its entry."""
    version = re.search(r'__version__ = "(.+?)"', (project / "src/iobound/__init__.py").read_text(encoding="utf-8"))
    assert version
    assert f"## [{version[1]}]" in (project / "CHANGELOG.md").read_text(encoding="utf-8")


def test_links_between_documents_lead_somewhere(project: Path) -> None:
    """Relative links in Markdown point to files that exist."""
    pages = [*project.glob("*.md"), *project.glob("docs/**/*.md"), project / "benchmarks/README.md"]
    dead = [
        f"{page.name}: {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]
    assert dead == []


def test_runtime_needs_no_more_than_decided(project: Path) -> None:
    """A fourth dependency wants a reason in docs/decisions/."""
    document = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
    names = {re.split(r"[^A-Za-z0-9-]", line)[0] for line in document["project"]["dependencies"]}
    assert names == {"psutil", "pyinstrument", "rich"}


def test_the_log_that_is_shown_is_one_that_is_written(project: Path) -> None:
    """The example is the golden file of a story, word by word."""
    page = (project / "docs/reports.md").read_text(encoding="utf-8")
    shown = re.search(r"^<!-- log -->\n```text\n(.+?)^```$", page, re.MULTILINE | re.DOTALL)
    assert shown
    assert shown[1] == (project / "tests/golden/expected/sequential_io.log").read_text(encoding="utf-8")


def test_words_of_the_log_are_explained_in_their_order(project: Path) -> None:
    """Scripts rely on them: each stands in the table, and no other."""
    section = (
        (project / "docs/reports.md").read_text(encoding="utf-8").partition("\n## The log\n")[2].partition("\n## ")[0]
    )
    assert tuple(re.findall(r"^\| `([a-z]+)` \|", section, re.MULTILINE)) == WORDS
