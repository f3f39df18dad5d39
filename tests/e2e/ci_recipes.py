"""A runner for the recipes of docs/ci: what a CI system does with them, as far as they need it."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

RECIPES = Path(__file__).parents[2] / "docs/ci"
_EXPRESSION = re.compile(r"\$\{\{\s*(.+?)\s*\}\}")


def read(name: str) -> dict[str, Any]:
    """A recipe as data."""
    found: dict[str, Any] = YAML(typ="safe").load((RECIPES / name).read_text(encoding="utf-8"))
    return found


def scripts(document: object) -> list[str]:
    """Every script in a recipe, wherever it stands."""
    if isinstance(document, dict):
        found = [value for key, value in document.items() if key == "run" and isinstance(value, str)]
        return found + [script for value in document.values() for script in scripts(value)]
    return [script for value in document for script in scripts(value)] if isinstance(document, list) else []


class CompositeAction:
    """Runs the steps of a composite action in bash, as a runner of GitHub does.

    Args:
        folder: Where outputs and the page of the step are kept.
        work: The checkout.
        environment: Of the steps, without what the runner sets.
    """

    def __init__(self, name: str, folder: Path, work: Path, environment: Mapping[str, str]) -> None:
        self.action = read(name)
        self.folder, self.work, self.environment = folder, work, dict(environment)
        self.page = folder / "page.md"

    def run(self, **inputs: str) -> tuple[subprocess.CompletedProcess[bytes], dict[str, str]]:
        """The last step that ran, and the outputs of the action."""
        known = {name: str(each.get("default", "")) for name, each in self.action["inputs"].items()}
        assert set(inputs) <= set(known), "no such input"
        context = {f"inputs.{name}": inputs.get(name, value) for name, value in known.items()}
        done = None
        self.page.touch()
        for step in self.action["runs"]["steps"]:
            condition = step.get("if")
            if condition is not None and not self._holds(condition, context):
                continue
            outputs = self.folder / "outputs"
            outputs.write_text("")
            done = self._step(step, context, outputs)
            for name, value in _outputs(outputs.read_text(encoding="utf-8")).items():
                context[f"steps.{step.get('id')}.outputs.{name}"] = value
            if done.returncode:
                break
        assert done is not None
        return done, {name: _filled(each["value"], context) for name, each in self.action["outputs"].items()}

    @staticmethod
    def _holds(condition: str, context: Mapping[str, str]) -> bool:
        found = re.fullmatch(r"([\w.-]+) != ''", condition)
        assert found, f"the runner of the tests cannot read `{condition}`"
        return context[found[1]] != ""

    def _step(
        self, step: Mapping[str, Any], context: Mapping[str, str], outputs: Path
    ) -> subprocess.CompletedProcess[bytes]:
        assert step["shell"] == "bash"
        script = self.folder / "step.sh"
        script.write_text(step["run"], encoding="utf-8")
        own = {name: _filled(value, context) for name, value in step.get("env", {}).items()}
        there = {
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_WORKSPACE": str(self.work),
            "GITHUB_OUTPUT": str(outputs),
            "GITHUB_STEP_SUMMARY": str(self.page),
            "RUNNER_TEMP": str(self.folder),
        }
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
            cwd=self.work,
            env={**self.environment, **there, **own},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            timeout=120,
            check=False,
        )


def _filled(text: str, context: Mapping[str, str]) -> str:
    """Expressions replaced by what they stand for; a step that did not run has no outputs."""

    def value(match: re.Match[str]) -> str:
        name = match[1]
        assert re.match(r"(inputs|steps)\.", name), f"the runner of the tests does not know {name}"
        return context.get(name, "")

    return _EXPRESSION.sub(value, text)


def _outputs(text: str) -> dict[str, str]:
    """`NAME=VALUE` a line, as the runner reads it; one that it would refuse is an error here, too."""
    found = {}
    for line in text.splitlines():
        name, equals, value = line.partition("=")
        assert equals and "<<" not in name, line
        found[name] = value
    return found


def in_gitlab(
    job: Mapping[str, Any], work: Path, environment: Mapping[str, str], shell: str = "bash", **variables: str
) -> subprocess.CompletedProcess[bytes]:
    """Run a job's scripts as a runner of GitLab does: all lines in one shell that ends at the first that fails."""
    options = "set -eo pipefail" if shell == "bash" else "set -e"  # as the runner sets them where an image has no bash
    script = "\n".join([options, *job.get("before_script", ()), *job["script"]])
    there = {"CI": "true", "GITLAB_CI": "true", "CI_PROJECT_DIR": str(work)}
    return subprocess.run(
        [shell, "-c", script],
        cwd=work,
        env={**environment, **there, **job.get("variables", {}), **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        timeout=120,
        check=False,
    )


def on_path(folder: Path, name: str, script: str) -> str:
    """Put a program of that name before all others; the search path."""
    folder.mkdir(exist_ok=True)
    file = folder / name
    file.write_text(script, encoding="utf-8")
    file.chmod(0o755)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"
