"""Names of files as code hosts want them: from the root of the repository."""

from __future__ import annotations

import re
from typing import NamedTuple

from iobound.verbs.report import paths

_ABSOLUTE = r"/|[A-Za-z]:/"


class Roots(NamedTuple):
    """Absolute folders that names of files are told from; empty where they are not known.

    Attributes:
        cwd: What relative names of files start from.
        repository: Root of the repository, that code hosts name files from.
    """

    cwd: str = ""
    repository: str = ""


def rooted(file: str, roots: Roots) -> str:
    """The name of a file from the root of the repository, without `.` and `..` where they can be resolved.

    Example:
        >>> rooted("./src/../app.py", Roots("/home/ann/project/web", "/home/ann/project"))
        'web/app.py'
        >>> rooted("./app.py", Roots())
        'app.py'
    """
    if roots.cwd and roots.repository and not re.match(_ABSOLUTE, file) and file != "-":
        file = f"{roots.cwd}/{file}"
    file = _normal(file)
    return paths.relative(file, _normal(roots.repository)) if roots.repository else file


def is_outside(path: str) -> bool:
    """Whether a name as `rooted` gives it is of no file in the repository, so that a code host has nothing to show.

    Example:
        >>> is_outside("/usr/lib/python3.13/ast.py"), is_outside("web/app.py")
        (True, False)
    """
    return re.match(_ABSOLUTE, path) is not None


def _normal(path: str) -> str:
    kept: list[str] = []
    for part in path.split("/"):
        if part == ".." and kept and kept[-1] not in ("", ".."):
            kept.pop()
        elif part != "." and (part or not kept):
            kept.append(part)
    return "/".join(kept) or path
