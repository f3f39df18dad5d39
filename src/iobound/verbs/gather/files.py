"""From paths as they are given to the files that are scanned."""

from __future__ import annotations

import os
import stat
from collections import Counter

from iobound.errors import UsageError
from iobound.model.gathered import Gathered, SourceFile, Unread
from iobound.model.scan_options import STANDARD_INPUT, ScanOptions
from iobound.verbs.gather.exclusion import Exclusion

LARGEST_FOUND_BYTES = 1_000_000
"""Larger files of a directory are generated code or data; who wants them scanned names them."""

_SUFFIXES = (".py", ".pyw", ".ipynb")
_TEST_DIRECTORIES = frozenset({"test", "tests", "testing"})

TEST_FILES = "test files"
TOO_LARGE = "larger than 1 MB"
BROKEN_LINKS = "broken symbolic links"
NOT_REGULAR = "no regular files"


def gather(options: ScanOptions) -> Gathered:
    """Find what the paths stand for.

    A file that is named is taken whatever it is called and however large it is; of a directory those that hold Python,
    by their name, without what is excluded, what git ignores, and tests unless they are asked for. Links to files are
    followed, links to directories below a given one are not, so that no loop is entered. Nothing is opened but
    `.gitignore`.

    Raises:
        UsageError: There is no such path, or it is neither a file nor a directory.
    """
    gathering = _Gathering(options)
    for path in options.paths:
        gathering.add(path)
    return gathering.found()


class _Gathering:
    def __init__(self, options: ScanOptions) -> None:
        self._options = options
        self._here = _working_directory()
        self._exclusion = Exclusion(options)
        self._files: dict[str, SourceFile] = {}  # by absolute path, as the two below
        self._left_out: dict[str, str] = {}
        self._unread: dict[str, Unread] = {}

    def found(self) -> Gathered:
        reasons = Counter(reason for path, reason in self._left_out.items() if path not in self._files)
        return Gathered(tuple(self._files.values()), dict(sorted(reasons.items())), tuple(self._unread.values()))

    def add(self, path: str) -> None:
        if path == STANDARD_INPUT:
            self._files.setdefault(path, SourceFile(self._options.stdin_filename or STANDARD_INPUT, None))
            return
        name = os.path.normpath(path)
        try:
            found = os.stat(path)
        except PermissionError as error:
            self._add_unread(name, error)
            return
        except (OSError, ValueError) as error:  # ValueError: a name that no file can have
            raise _unreachable(path, error) from error
        if stat.S_ISDIR(found.st_mode):
            self._add_directory(name)
        elif not stat.S_ISREG(found.st_mode):
            raise UsageError(f"{path} is no regular file", hint="give `-`, and its content on standard input")
        elif not (self._options.force_exclude and self._exclusion.of_file(self._absolute(name))):
            self._files.setdefault(self._absolute(name), _file(name, name, found))

    def _add_unread(self, path: str, error: OSError) -> None:
        self._unread.setdefault(self._absolute(path), Unread(_spelled(path), error.strerror or str(error)))

    def _add_directory(self, top: str) -> None:
        first = "" if top == os.curdir else os.path.join(top, "")
        found: list[SourceFile] = []
        with_tests = self._options.tests or os.path.basename(top) in _TEST_DIRECTORIES
        pending = [(top, first, self._exclusion.below(self._absolute(top)), False)]
        while pending:
            path, prefix, below, is_test = pending.pop()
            try:
                with os.scandir(path) as listing:
                    entries = list(listing)
            except OSError as error:
                self._add_unread(path, error)
                continue
            below = below.entered(path, [entry.name for entry in entries])
            for entry in entries:
                name = entry.name
                if entry.is_dir(follow_symlinks=False):
                    if not below.excludes(name, directory=True):
                        inner = is_test or (not with_tests and name in _TEST_DIRECTORIES)
                        pending.append((prefix + name, prefix + name + os.sep, below.into(name), inner))
                elif name.endswith(_SUFFIXES) and not below.excludes(name):
                    left_out = is_test or (not with_tests and _is_test_file(name))
                    self._add_entry(entry, prefix + name, TEST_FILES if left_out else "", found)
        found.sort()
        base = os.path.join(self._absolute(top), "")
        for file in found:
            self._files.setdefault(base + (file.path or "")[len(first) :], file)

    def _add_entry(self, entry: os.DirEntry[str], name: str, reason: str, found: list[SourceFile]) -> None:
        """Take a file of a directory, or count it among those that were left out."""
        try:
            status = entry.stat()
        except OSError as error:
            if not entry.is_symlink():
                self._add_unread(name, error)
                return
            reason = BROKEN_LINKS
        else:
            if stat.S_ISDIR(status.st_mode):
                return  # a link to a directory that is called like a file
            if not stat.S_ISREG(status.st_mode):
                reason = NOT_REGULAR
            elif status.st_size > LARGEST_FOUND_BYTES:
                reason = reason or TOO_LARGE
            if not reason:
                found.append(_file(name, name, status))
                return
        self._left_out.setdefault(self._absolute(name), reason)

    def _absolute(self, path: str) -> str:
        return os.path.normpath(os.path.join(self._here, path))


def _file(name: str, path: str, found: os.stat_result) -> SourceFile:
    return SourceFile(_spelled(name), path, found.st_size, found.st_mtime_ns)


def _spelled(path: str) -> str:
    return path.replace(os.sep, "/")


def _unreachable(path: str, error: OSError | ValueError) -> UsageError:
    if isinstance(error, FileNotFoundError) and not os.path.islink(path):
        return UsageError(f"there is no file or directory {path or repr(path)}", hint="check the path")
    reason = "its target does not exist" if isinstance(error, FileNotFoundError) else _reason(error)
    return UsageError(f"cannot read {path}: {reason}", hint="check the path")


def _is_test_file(name: str) -> bool:
    return name.startswith("test_") or name.endswith("_test.py") or name == "conftest.py"


def _reason(error: OSError | ValueError) -> str:
    return getattr(error, "strerror", None) or str(error)


def _working_directory() -> str:
    try:
        return os.getcwd()
    except OSError as error:
        raise UsageError("the working directory does not exist any more", hint="change to one that does") from error
