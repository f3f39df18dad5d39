"""The CI system that we run in: the only place that asks the environment for it."""

from __future__ import annotations

import os

from iobound.errors import UsageError
from iobound.model.ci_platform import CiPlatform, platform_of
from iobound.verbs import store

MOST_SUMMARY_BYTES = 900_000
"""Of all that a step appends to its summary: GitHub drops one of more than 1 MiB as a whole."""

_SUMMARY = "GITHUB_STEP_SUMMARY"


def here() -> CiPlatform | None:
    """The CI system that this process runs in, None where it runs in none."""
    return platform_of(os.environ)


def repository(folder: str = "") -> str:
    """The root of the repository that a folder is in, as code hosts name files from it; empty where there is none.

    Args:
        folder: The working directory when left out.

    Returns:
        The checkout of the CI system where the folder lies in it, else the nearest folder above that has a `.git`.
    """
    try:
        at = os.path.abspath(folder or os.getcwd())
    except OSError:  # the working directory has been removed
        return ""
    platform = here()
    if platform is not None and platform.checkout:
        root = os.path.normpath(platform.checkout)
        for above, below in ((root, at), (os.path.realpath(root), os.path.realpath(at))):
            if below == above or below.startswith(above.rstrip(os.sep) + os.sep):
                return above
    return _with_git(at)


def _with_git(at: str) -> str:
    while not os.path.exists(os.path.join(at, ".git")):
        above = os.path.dirname(at)
        if above == at:
            return ""
        at = above
    return at


def has_summary() -> bool:
    """Whether the step has a page of its own for Markdown."""
    return bool(os.environ.get(_SUMMARY))


def add_to_summary(text: str) -> str:
    """Append Markdown to the summary of the step, where the system has such a page.

    The file is the system's own: it is there before the step begins, and is neither made nor followed elsewhere.
    Several reports of one step share the room that there is; one that does not fit any more is left out.

    Returns:
        Why it was left out; empty where it was not, or where there is no such page.
    """
    page = os.environ.get(_SUMMARY)
    if not page or not text:
        return ""
    try:
        store.append(f"\n{text}\n", page, most_bytes=MOST_SUMMARY_BYTES)
    except UsageError as problem:
        return problem.message
    return ""
