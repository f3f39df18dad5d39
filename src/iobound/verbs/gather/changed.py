"""Which lines changed since a revision, as git tells it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence

from iobound.errors import UsageError
from iobound.model.gathered import LineRange, SourceFile

WHOLE = (LineRange(1, 2**31 - 1),)
"""All lines: of a file that git does not know yet."""

_HUNK = re.compile(rb"@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_ESCAPE = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)
_ESCAPES = {b"a": b"\a", b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v"}
_BRANCH_POINT = "..."
_SUFFIXES = (".py", ".pyw", ".ipynb")


def changed(revision: str, files: Sequence[SourceFile]) -> Mapping[str, tuple[LineRange, ...]]:
    """Lines of files that are not the same as in a revision, whether they are committed by now or not.

    Args:
        revision: Anything that names a commit; with `...` at its end, where the work left it, such as `main...`.
        files: What was found; each is looked up in the repository that it lies in.

    Returns:
        Lines by name of the file; files in which nothing is new are missing. A renamed file has the lines that
        were changed beside, a file that git does not know all of its lines, and so has a renamed script without suffix.

    Raises:
        UsageError: A file is in no repository, git knows no such revision or is not there, or there is no file to
            ask for.
    """
    if revision.startswith("-") or not revision.removesuffix(_BRANCH_POINT) or not revision.isprintable():
        raise UsageError(f"{revision!r} is no revision", hint="name a commit, a branch or a tag, such as --diff main")
    found: dict[str, tuple[LineRange, ...]] = {}
    for top, names in _by_repository(files).items():
        lines = _changed_in(top, revision, list(names))
        found |= {name: lines[path] for path, name in names.items() if path in lines}
    return found


def _by_repository(files: Sequence[SourceFile]) -> dict[str, dict[str, str]]:
    """For each top directory the files below, by their path from there."""
    tops: dict[str, str] = {}
    found: dict[str, dict[str, str]] = {}
    for file in files:
        folder, name = os.path.split(os.path.abspath(file.name if file.path is None else file.path))
        if folder not in tops:
            tops[folder] = _repository(folder, file.name)
        top = tops[folder]
        path = os.path.relpath(os.path.join(os.path.realpath(folder), name), top)
        found.setdefault(top, {})[path] = file.name
    return found


def _repository(folder: str, name: str) -> str:
    if not os.path.isdir(folder):
        raise UsageError(f"{name} is in no directory that git could be asked about", hint="scan without --diff")
    try:
        top = _git(folder, "rev-parse", "--show-toplevel")
    except _Refused as error:
        raise UsageError(
            f"git cannot say what changed in {folder}: {error}", hint="scan without --diff, or in a git repository"
        ) from error
    return os.path.realpath(os.fsdecode(top.removesuffix(b"\n")))


def _changed_in(top: str, revision: str, paths: list[str]) -> dict[str, tuple[LineRange, ...]]:
    try:
        base = _base(top, revision)
        patch = _git(top, "diff", *_DIFF, base, "--", *_pathspecs(paths))
        unknown = _git(top, "ls-files", "--others", "--exclude-standard", "-z", "--", *_pathspecs(paths))
    except _Refused as error:
        raise UsageError(
            f"git cannot say what changed since {revision!r}: {error}",
            hint="name a commit, a branch or a tag that is in this checkout; CI may have to fetch it first",
        ) from error
    found = {path: tuple(lines) for path, lines in _hunks(patch)}
    return found | {os.fsdecode(path): WHOLE for path in unknown.split(b"\0") if path}


def _base(top: str, revision: str) -> str:
    """Name of the commit: from here on nothing that somebody typed is on a command line of git."""
    wanted = revision.removesuffix(_BRANCH_POINT)
    try:
        commit = _git(top, "rev-parse", "--verify", "--end-of-options", f"{wanted}^{{commit}}").decode().strip()
    except _Refused as error:
        raise _Refused("it knows no such commit" if "single revision" in str(error) else str(error)) from error
    if wanted == revision:
        return commit
    return _git(top, "merge-base", commit, "HEAD").decode().strip()


def _pathspecs(paths: list[str], most: int = 500) -> list[str]:
    """What git is asked about: all Python of the repository, so that it sees renames, and scripts without suffix."""
    others = [path for path in paths if not path.endswith(_SUFFIXES)]
    if len(others) > most:
        return [":(top)"]
    return [*(f":(top,glob)**/*{suffix}" for suffix in _SUFFIXES), *(f":(top,literal){path}" for path in others)]


# Whatever the user has configured: `a/` and `b/`, renames found, no program but git itself.
_DIFF = (
    *("--unified=0", "--inter-hunk-context=0", "--find-renames", "--no-color", "--no-ext-diff", "--no-textconv"),
    *("--src-prefix=a/", "--dst-prefix=b/", "--no-relative", "--ignore-submodules", "--text", "--diff-filter=d"),
)


def _hunks(patch: bytes) -> Iterator[tuple[str, list[LineRange]]]:
    """Files of a patch without context, and the lines that are new in each.

    Only the lines that belong to no hunk are read: what was added may look like anything.
    """
    rows = patch.split(b"\n")
    path: str | None = None
    lines: list[LineRange] = []
    at = 0
    while at < len(rows):
        row = rows[at]
        at += 1
        if row.startswith(b"diff --git "):
            if path is not None and lines:
                yield path, lines
            path, lines = None, []
        elif row.startswith(b"+++ "):
            path = _path(row[4:])
        elif (hunk := _HUNK.match(row)) is not None:
            gone, first, count = int(hunk[1] or 1), int(hunk[2]), int(hunk[3] or 1)
            at += gone + count
            if count:
                lines.append(LineRange(first, first + count - 1))
    if path is not None and lines:
        yield path, lines


def _path(written: bytes) -> str | None:
    r"""A path as git writes it: quoted like a C string where it must be.

    Example:
        >>> _path(b'"b/a\\tb.py"'), _path(b"/dev/null")
        ('a\tb.py', None)
    """
    if written.startswith(b'"'):
        inner = written[1 : written.rindex(b'"')]
        written = _ESCAPE.sub(lambda found: _unescaped(found[1]), inner)
    else:
        written = written.removesuffix(b"\t")  # git ends names with a space in them so
    return os.fsdecode(written[2:]) if written.startswith(b"b/") else None


def _unescaped(code: bytes) -> bytes:
    return bytes([int(code, 8) & 0xFF]) if len(code) == 3 else _ESCAPES.get(code, code)


# A hook's git commands are told by these which repository is meant, and how to match paths.
_MISLEADING = frozenset(
    {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_DIFF_OPTS", "GIT_TRACE"}
    | {f"GIT_{how}_PATHSPECS" for how in ("LITERAL", "GLOB", "NOGLOB", "ICASE")}
)


class _Refused(Exception):
    """Git could not do it; says why."""


def _git(folder: str, *words: str) -> bytes:
    command = ("git", "--no-pager", "-c", "core.fsmonitor=false", "-c", "core.quotePath=true")
    surroundings = {key: value for key, value in os.environ.items() if key not in _MISLEADING}
    surroundings |= {"LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"}
    import subprocess  # only who asks what has changed needs it

    try:
        done = subprocess.run(
            (*command, *words), cwd=folder, env=surroundings, stdin=subprocess.DEVNULL, capture_output=True, check=False
        )
    except (OSError, ValueError) as error:
        raise _Refused("there is no git here" if isinstance(error, FileNotFoundError) else str(error)) from error
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines() or ["it failed"]
        raise _Refused(said[-1].removeprefix("fatal: "))
    return done.stdout
