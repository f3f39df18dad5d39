"""Whose code a file is: the user's own, or the interpreter's and its packages'."""

from __future__ import annotations

import re
from functools import lru_cache

_TYPED_IN = ("<string>", "<stdin>", "<ipython-input", "<doctest", "<python-input")
"""File names of code that a person typed or passed with `-c`; every other `<…>` is made by the machinery."""

_BLOCK = r"""
    (?:^|/)iobound/(?:pipeline/(?:attached|coroutines|finished|observing|unobserved)
        | verbs/observe/(?:__init__|beside|folder|inside|starting|untouched|words))\.py$
"""
"""Files that begin and end what a program has observed of itself."""

_BEGINS_OR_ENDS = re.compile(_BLOCK, re.VERBOSE)

_INSTALLED = re.compile(
    rf"""
      /(?:site|dist)-packages(?:/|$)
    | /lib(?:64)?/(?:python|pypy)\d[\d.]*[a-z]?/        # POSIX: /usr/lib/python3.13t/queue.py
    | /python\d+(?:-\d+|-arm64)?/lib/                   # Windows: C:/Python313-32/Lib/queue.py
    | /(?:ana|mini|mamba|micromamba|miniforge)[a-z]*\d*/(?:envs/[^/]+/)?lib/
    | /versions/[^/]+/lib/python\d
    | python\d+\.zip/                                   # embeddable distribution
    | (?:^|/)importlib/_bootstrap(?:_external)?\.py$
    # What stands in the stacks of programs that have themselves observed, wherever iobound is.
    | {_BLOCK}
    | (?:^|/)iobound/(?:agent/bootstrap/ | decorator/ | pytest_plugin(?:/|\.py$) | ipython(?:/|\.py$))
    """,
    re.VERBOSE | re.IGNORECASE,
)


def is_cell(file: str) -> bool:
    """Whether it is no file but a cell of IPython or a notebook, which reports call as their user sees it.

    Example:
        >>> is_cell("In[3]"), is_cell("main.py")
        (True, False)
    """
    return re.fullmatch(r"In\[\d+\]", file) is not None


def begins_or_ends_block(file: str) -> bool:
    """Whether a file is one of those that begin and end what a program has observed of itself.

    Example:
        >>> begins_or_ends_block("/x/site-packages/iobound/pipeline/observing.py"), begins_or_ends_block("observing.py")
        (True, False)
    """
    return _BEGINS_OR_ENDS.search(file.replace("\\", "/")) is not None


@lru_cache(maxsize=4096)
def is_own_code(file: str) -> bool:
    """Say whether a file is the user's own code rather than standard library, installed package or frozen module.

    Args:
        file: Path as a code object has it, with either separator; the file need not exist.

    Returns:
        True for the user's code, also when it was typed or passed with `-c`; False for an empty name.

    Assumes:
        Only the spelling is looked at: a project that is developed below a `site-packages` directory counts as
        installed, a package that is used from its source tree counts as own. Of iobound itself what calls other
        people's code never does.

    Example:
        >>> is_own_code("/home/ann/crawl.py"), is_own_code("<string>")
        (True, True)
        >>> is_own_code("/usr/lib/python3.12/socket.py"), is_own_code("<frozen runpy>")
        (False, False)
        >>> is_own_code(r"C:\\Users\\ann\\venv\\Lib\\site-packages\\requests\\api.py")
        False
    """
    if not file:
        return False
    if file.startswith("<"):
        return file.startswith(_TYPED_IN)
    return _INSTALLED.search(file.replace("\\", "/")) is None
