"""The CI systems that reports are written for: how each is recognised, where its checkout is, and what it reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

Variables = Mapping[str, str]


class Reading(NamedTuple):
    """One of our formats that a CI system does something with.

    Attributes:
        format: Name of the format, as `--report` takes it.
        option: What to write behind a command that reports; empty where it is done unasked.
        then: What makes the system read the file.
    """

    format: str
    option: str
    then: str


class CiPlatform(NamedTuple):
    """A CI system that a command runs in.

    Attributes:
        name: As its makers call it.
        mark: The documented variable that gave it away, with its value.
        checkout: Absolute folder of the checkout; empty where the system does not tell.
        reads: Formats that it does something with; the log, which all of them keep, is not listed.
    """

    name: str
    mark: str = "CI"
    checkout: str = ""
    reads: tuple[Reading, ...] = ()

    @property
    def takes_workflow_commands(self) -> bool:
        """Whether lines that begin with `::` are commands to it: annotations, and what a target could forge."""
        return self.name == GITHUB


class _Known(NamedTuple):
    """How a system is recognised, and what is known of it."""

    name: str
    mark: str
    checkout: str
    reads: tuple[Reading, ...]
    is_here: Callable[[Variables], bool]


GITHUB = "GitHub Actions"

_JUNIT, _MARKDOWN, _SARIF = "junit:iobound.xml", "markdown:iobound.md", "sarif:iobound.sarif"

_REPORT = "--report "

_KNOWN = (
    _Known(
        GITHUB,
        "GITHUB_ACTIONS",
        "GITHUB_WORKSPACE",
        (
            Reading(
                "github", "", "annotations and the summary of the step, by themselves beside the log; not with --no-ci"
            ),
            Reading("sarif", _REPORT + _SARIF, "github/codeql-action/upload-sarif with sarif_file: iobound.sarif"),
            Reading("markdown", _REPORT + _MARKDOWN, "the comment on a pull request: docs/ci/comment.sh"),
        ),
        lambda given: given.get("GITHUB_ACTIONS") == "true",
    ),
    _Known(
        "GitLab CI",
        "GITLAB_CI",
        "CI_PROJECT_DIR",
        (
            Reading("gitlab", _REPORT + "gitlab:gl-code-quality-report.json", "artifacts: reports: codequality"),
            Reading("junit", _REPORT + _JUNIT, "artifacts: reports: junit"),
        ),
        lambda given: bool(given.get("GITLAB_CI")),
    ),
    _Known(
        "Azure Pipelines",
        "TF_BUILD",
        "BUILD_SOURCESDIRECTORY",
        (
            Reading("junit", _REPORT + _JUNIT, "task PublishTestResults@2 with testResultsFormat: JUnit"),
            Reading("sarif", _REPORT + _SARIF, "task PublishBuildArtifacts@1 as CodeAnalysisLogs, for the Scans tab"),
            Reading("markdown", _REPORT + _MARKDOWN, 'echo "##vso[task.uploadsummary]$PWD/iobound.md"'),
        ),
        lambda given: given.get("TF_BUILD", "").lower() == "true",
    ),
    _Known(
        "Jenkins",
        "BUILD_TAG",
        "WORKSPACE",
        (
            Reading("junit", _REPORT + _JUNIT, "step junit 'iobound.xml'"),
            Reading("sarif", _REPORT + _SARIF, "step recordIssues tool: sarif(pattern: 'iobound.sarif') of Warnings"),
        ),
        # JENKINS_URL is only there where the server has been told its own address; BUILD_TAG always is.
        lambda given: (
            bool(given.get("BUILD_NUMBER"))
            and (bool(given.get("JENKINS_URL")) or given.get("BUILD_TAG", "").startswith("jenkins-"))
        ),
    ),
    _Known(
        "Buildkite",
        "BUILDKITE",
        "BUILDKITE_BUILD_CHECKOUT_PATH",
        (
            Reading("markdown", _REPORT + _MARKDOWN, "buildkite-agent annotate --context iobound < iobound.md"),
            Reading("junit", _REPORT + _JUNIT, "plugin junit-annotate with artifacts: iobound.xml"),
        ),
        lambda given: given.get("BUILDKITE") == "true",
    ),
    _Known(
        "CircleCI",
        "CIRCLECI",
        "CIRCLE_WORKING_DIRECTORY",
        (
            Reading("junit", _REPORT + "junit:results/iobound.xml", "store_test_results with path: results"),
            Reading("html", _REPORT + "html:iobound.html", "store_artifacts with path: iobound.html"),
        ),
        lambda given: given.get("CIRCLECI") == "true",
    ),
    _Known("a CI system", "CI", "", (), lambda given: given.get("CI", "").lower() not in ("", "0", "false", "no")),
)
"""More telling marks first: most of these systems set `CI`, too."""


def platform_of(variables: Variables) -> CiPlatform | None:
    """The CI system that a process with these environment variables runs in; None where it runs in none.

    Source:
        The pages "predefined variables" of each: docs.github.com/actions (variables), docs.gitlab.com/ci/variables,
        learn.microsoft.com/azure/devops/pipelines/build/variables, /env-vars.html of any Jenkins,
        buildkite.com/docs/pipelines/environment-variables, circleci.com/docs/variables.

    Example:
        >>> found = platform_of({"CI": "true", "GITLAB_CI": "true", "CI_PROJECT_DIR": "/builds/ann/shop"})
        >>> found.name, found.checkout
        ('GitLab CI', '/builds/ann/shop')
        >>> platform_of({"CI": "false"}) is None
        True
    """
    for known in _KNOWN:
        if known.is_here(variables):
            mark = known.mark if known.mark in variables else "JENKINS_URL"
            checkout = _absolute(variables.get(known.checkout, ""), variables)
            return CiPlatform(known.name, f"{mark}={variables[mark]}", checkout, known.reads)
    return None


def _absolute(folder: str, variables: Variables) -> str:
    """A folder as the system names it: CircleCI's may begin with `~`; a relative one says nothing."""
    if folder == "~" or folder.startswith("~/"):
        folder = variables.get("HOME", "").rstrip("/") + folder[1:]
    is_absolute = folder.startswith(("/", "\\\\")) or folder[1:3] in (":\\", ":/")
    return folder if is_absolute else ""
