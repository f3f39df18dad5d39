"""What the scanner finds in the files that a run was seen in."""

from __future__ import annotations

import time

import pytest

from iobound.errors import UsageError
from iobound.model.recording import Place
from iobound.model.scan_options import ScanOptions
from iobound.pipeline import own_files
from iobound.pipeline.observed import read_source
from iobound.pipeline.own_files import with_findings
from iobound.verbs.scan import examine

BLOCKING = "import time\n\n\nasync def tick():\n    time.sleep(1)\n"
AT_LINE_5 = [("IOB101", 5)]


class Folder:
    """A working directory with files, and runs that were seen at the first line of each."""

    def __init__(self, path):
        self.path = path
        self.places = []

    def write(self, name, text, *, seen=True):
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        if seen:
            self.places.append(Place(str(path), "<module>", 1, 1, 0, 1, 1))
        return str(path)

    def facts(self, **options):
        choose = (lambda rules: ScanOptions(root=str(self.path), **options)) if options else None
        return with_findings(examine(self.places, read_source), self.places, read_source, choose)

    def found(self, **options):
        return [(finding.rule, finding.line) for finding in self.facts(**options).findings]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return Folder(tmp_path)


def test_a_finding_is_named_as_its_place(folder):
    file = folder.write("app.py", BLOCKING)
    (finding,) = folder.facts().findings
    assert (finding.file, finding.rule, finding.line, finding.column, finding.end_line) == (file, "IOB101", 5, 4, 5)
    assert finding.severity == "warning"
    assert "time.sleep" in finding.message
    assert "asyncio.sleep" in finding.hint


def test_columns_are_those_of_places(folder):
    """Bytes of UTF-8, not characters."""
    folder.write("app.py", "import time\nasync def tick():\n    'é'; time.sleep(1)\n")
    (finding,) = folder.facts().findings
    assert (finding.column, finding.end_column) == (10, 23)


def test_findings_that_the_user_silenced_are_not_told(folder):
    folder.write("app.py", BLOCKING.replace("sleep(1)", "sleep(1)  # iobound: ignore[IOB101]"))
    assert folder.found() == []


def test_needless_comments_are_no_finding_of_a_run(folder):
    folder.write("app.py", "x = 1  # iobound: ignore[IOB101]\n")
    assert folder.found() == []


def test_the_settings_of_scans_count(folder):
    folder.write("app.py", BLOCKING)
    folder.write("old/app.py", BLOCKING)
    assert folder.found() == AT_LINE_5 * 2
    assert folder.found(ignore=("IOB1",)) == []
    assert folder.found(extend_exclude=("old/",)) == AT_LINE_5
    assert folder.found(per_file_ignores=(("old/", ("IOB101",)),)) == AT_LINE_5


def test_calls_are_followed_over_the_files_of_a_package(folder):
    """The `__init__.py` that gives them their names need not have been seen."""
    folder.write("app/__init__.py", "", seen=False)
    folder.write("app/net.py", "import time\ndef load():\n    time.sleep(1)\n")
    folder.write("app/main.py", "from app.net import load\nasync def main():\n    load()\n")
    assert folder.found() == [("IOB110", 3)]


def test_libraries_and_files_that_are_not_what_ran_are_not_scanned(folder):
    folder.write("lib/python3.12/site-packages/lib.py", BLOCKING)
    changed = folder.write("app.py", BLOCKING)
    folder.places = [*folder.places[:-1], Place(changed, "gone", 40, 41, 0, 41, 1)]
    facts = folder.facts()
    told = "1 of the program's own files was not scanned: their source was not read, or is not what ran"
    assert (facts.findings, facts.unscanned) == ((), told)


def test_a_file_that_is_gone_is_said_not_to_be_scanned(folder):
    """Nobody knows what the scanner would find in it."""
    folder.write("app.py", BLOCKING)
    folder.places.append(Place(str(folder.path / "gone.py"), "main", 3, 4, 0, 4, 1))
    facts = folder.facts()
    assert len(facts.findings) == 1
    assert facts.unscanned.startswith("1 of the program's own files was not scanned")


def test_a_file_that_cannot_be_parsed_is_no_finding(folder):
    """And that is said: it ran, with another interpreter than this one."""
    folder.write("app.py", "print 'two'\n")
    facts = folder.facts()
    assert facts.findings == ()
    assert facts.unscanned == "1 of the program's own files was not scanned: this interpreter cannot parse them"


def test_what_is_scanned_does_not_depend_on_how_long_it_takes(folder, monkeypatch):
    """A busy machine would have fewer findings, and a gate on them would pass."""
    for number in range(4):
        folder.write(f"app{number}.py", BLOCKING)
    real, used = time.process_time, iter(range(0, 10_000, 100))
    monkeypatch.setattr(time, "process_time", lambda: real() + next(used))
    assert len(folder.facts().findings) == 4


@pytest.mark.parametrize(("limit", "value"), [("MOST_FILES", 2), ("MOST_BYTES", 100)])
def test_much_source_is_cut_short_and_that_is_said(folder, monkeypatch, limit, value):
    for number in range(4):
        folder.write(f"app{number}.py", BLOCKING)
    monkeypatch.setattr(own_files, limit, value)
    facts = folder.facts()
    left_out = 4 - len(facts.findings)
    assert left_out == 2
    assert facts.unscanned == f"{left_out} of the program's own files were not scanned: there is too much source"


def test_the_files_with_most_places_come_first(folder, monkeypatch):
    folder.write("rare.py", BLOCKING)
    file = folder.write("often.py", BLOCKING)
    folder.places.append(Place(file, "tick", 4, 5, 4, 5, 17))
    monkeypatch.setattr(own_files, "MOST_FILES", 1)
    assert [finding.file for finding in folder.facts().findings] == [file]


def test_a_large_file_is_left_out(folder, monkeypatch):
    folder.write("app.py", BLOCKING)
    monkeypatch.setattr(own_files, "MOST_BYTES_A_FILE", 20)
    assert folder.facts().unscanned.startswith("1 of the program's own files was not scanned")


def test_the_worst_of_very_many_findings_are_kept(folder, monkeypatch):
    folder.write("app.py", BLOCKING + "    time.sleep(2)\n" * 5)
    monkeypatch.setattr(own_files, "MOST_FINDINGS", 2)
    facts = folder.facts()
    assert [finding.line for finding in facts.findings] == [5, 6]
    assert facts.unscanned == "4 findings of the scanner are left out"


@pytest.mark.parametrize("problem", [UsageError("no rule is called 'X'"), RuntimeError("boom")])
def test_what_goes_wrong_costs_the_findings_only(folder, problem):
    folder.write("app.py", BLOCKING)

    def choose(rules):
        raise problem

    before = examine(folder.places, read_source)
    facts = with_findings(before, folder.places, read_source, choose)
    assert facts.lines == before.lines
    assert facts.findings == ()
    assert str(problem) in facts.unscanned


def test_a_run_without_own_files_asks_for_nothing():
    def choose(rules):
        raise AssertionError

    places = [Place("<string>", "<module>", 1, 1)]
    facts = examine(places, read_source)
    assert with_findings(facts, places, read_source, choose) == facts
