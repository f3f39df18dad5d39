"""Paths as a reader knows them: from the working directory, or from the root of the library."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from iobound.model.recording import Place

# Compiled when the first path is met, not when this file is loaded; `re` keeps what it has compiled.
_LIBRARY = r"^.*[\\/](?:site|dist)-packages[\\/]"
_STANDARD = r"(?i)^.*?[\\/]lib(?:64)?[\\/]python\d\.\d+t?[\\/]"


def relative(path: str, cwd: str) -> str:
    """The path from the working directory where it lies in it; otherwise unchanged.

    Example:
        >>> relative("/home/me/app/main.py", "/home/me")
        'app/main.py'
    """
    root = cwd.rstrip("/\\")
    if root and path.startswith(root) and path[len(root) : len(root) + 1] in ("/", "\\"):
        return path[len(root) + 1 :]
    return path


def familiar(path: str, cwd: str) -> str:
    """The path as people name it: library code from the library's root.

    Example:
        >>> familiar("/usr/lib/python3/dist-packages/requests/api.py", "/home/me")
        'requests/api.py'
    """
    for root in (_LIBRARY, _STANDARD):
        found = re.match(root, path)
        if found:
            return path[found.end() :]
    return relative(path, cwd)


def is_of_library(path: str) -> bool:
    """Whether a file is of the standard library or of an installed package.

    Example:
        >>> is_of_library("/usr/lib/python3.13/ast.py"), is_of_library("/home/me/app.py")
        (True, False)
    """
    return any(re.match(root, path) for root in (_LIBRARY, _STANDARD))


def command(text: str) -> str:
    """A command without the folder of its program.

    Example:
        >>> command("/usr/bin/python3 -m app /data")
        'python3 -m app /data'
    """
    program, space, rest = text.partition(" ")
    return f"{program.rpartition('/')[2] or program}{space}{rest}"


def library_roots(places: tuple[Place, ...]) -> list[str]:
    """Directories of the standard library and of installed packages that the places lie in."""
    found = (re.match(pattern, place.file) for place in places for pattern in (_LIBRARY, _STANDARD))
    return sorted({match.group() for match in found if match})
