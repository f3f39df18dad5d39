"""CI systems are told apart by the variables that their documentation promises."""

from __future__ import annotations

import pytest

from iobound.model.ci_platform import platform_of
from iobound.verbs.report import FINDING_FORMATS, FORMATS

SYSTEMS = {
    "GitHub Actions": (
        "CI=true GITHUB_ACTIONS=true GITHUB_WORKSPACE=/github/workspace",
        "/github/workspace",
    ),
    "GitLab CI": ("CI=true GITLAB_CI=true CI_PROJECT_DIR=/builds/ann/shop", "/builds/ann/shop"),
    "Azure Pipelines": ("TF_BUILD=True BUILD_SOURCESDIRECTORY=/agent/_work/1/s", "/agent/_work/1/s"),
    "Jenkins": ("JENKINS_URL=https://ci.example/ BUILD_NUMBER=153 WORKSPACE=/var/ws/shop", "/var/ws/shop"),
    "Buildkite": ("CI=true BUILDKITE=true BUILDKITE_BUILD_CHECKOUT_PATH=/b/shop", "/b/shop"),
    "CircleCI": ("CI=true CIRCLECI=true CIRCLE_WORKING_DIRECTORY=~/project HOME=/home/ci", "/home/ci/project"),
    "a CI system": ("CI=1", ""),
}
"""What each sets, shortened; most of them set CI, too."""


def variables_of(name):
    """The environment of a job there."""
    return {"PATH": "/bin", **dict(word.split("=", 1) for word in SYSTEMS[name][0].split())}


@pytest.mark.parametrize("name", SYSTEMS)
def test_each_is_known_with_its_checkout(name):
    """By its own mark, whatever else is set."""
    variables = variables_of(name)
    found = platform_of(variables)
    assert (found.name, found.checkout) == (name, SYSTEMS[name][1])
    variable, _, value = found.mark.partition("=")
    assert variables[variable] == value


def test_jenkins_is_known_without_its_address():
    """Which it only tells where somebody has set it."""
    assert platform_of({"BUILD_NUMBER": "7", "BUILD_TAG": "jenkins-shop-7", "WORKSPACE": "/ws"}).name == "Jenkins"
    assert platform_of({"BUILD_NUMBER": "7"}) is None
    assert platform_of({"JENKINS_URL": "https://ci.example/"}) is None


@pytest.mark.parametrize(
    "variables",
    [{}, {"CI": ""}, {"CI": "false"}, {"CI": "0"}, {"GITHUB_ACTIONS": "false"}, {"GITLAB_CI": ""}, {"BUILDKITE": "1"},
     {"TF_BUILD": ""}, {"CIRCLECI": ""}, {"GITHUB_WORKSPACE": "/x"}],
)  # fmt: skip
def test_marks_with_other_values_are_none(variables):
    """A checkout alone, or a mark that says no, is no CI system."""
    assert platform_of(variables) is None


def test_a_checkout_that_is_no_absolute_folder_says_nothing():
    """Names would start at some other folder."""
    github = {"GITHUB_ACTIONS": "true"}
    assert platform_of(github).checkout == ""
    assert platform_of({**github, "GITHUB_WORKSPACE": "work"}).checkout == ""
    assert platform_of({"CIRCLECI": "true", "CIRCLE_WORKING_DIRECTORY": "~ann/x", "HOME": "/h"}).checkout == ""
    assert platform_of({**github, "GITHUB_WORKSPACE": "D:\\a\\shop"}).checkout == "D:\\a\\shop"


def test_only_github_actions_takes_workflow_commands():
    """And so only there something is to be guarded."""
    taking = [name for name in SYSTEMS if platform_of(variables_of(name)).takes_workflow_commands]
    assert taking == ["GitHub Actions"]


@pytest.mark.parametrize("name", SYSTEMS)
def test_what_a_system_reads_are_formats_that_there_are(name):
    """With the command line that writes them."""
    for reading in platform_of(variables_of(name)).reads:
        assert reading.format in {*FORMATS, *FINDING_FORMATS}
        assert reading.option.startswith(f"--report {reading.format}:") or reading.format == "github"
