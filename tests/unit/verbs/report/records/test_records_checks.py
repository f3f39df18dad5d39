"""Where checks that do not hold are shown."""

from __future__ import annotations

from iobound.model.diagnosis import Check, CheckPlace
from iobound.verbs.report.records.checks import check_records
from iobound.verbs.report.records.roots import Roots, rooted

ROOTS = Roots("/p/web", "/p")


def shown(*files, passed=False, home=""):
    """Path and line of the record of a check whose number comes from these files."""
    places = tuple(CheckPlace(file, 7, "work") for file in files)
    check = Check("cpu_s<1", passed, "2", "cpu_s<1: cpu_s is 2", places=places)
    (record,) = check_records([check], lambda file, line: {"path": rooted(file, ROOTS), "line": line}, home)
    return record.path, record.line


def test_it_stands_at_the_first_place_that_is_in_the_repository():
    """A code host has no page for a file of the standard library, and shows nothing there."""
    assert shown("/usr/lib/python3.13/ast.py", "app.py", "other.py") == ("web/app.py", 7)


def test_where_there_is_none_it_stands_for_the_whole():
    """At the file that was run, where that is known."""
    assert shown("/usr/lib/python3.13/ast.py", home="web/main.py") == ("web/main.py", None)
    assert shown() == ("", None)


def test_what_holds_is_about_no_line():
    """Nobody has to look there."""
    assert shown("app.py", passed=True) == ("", None)
