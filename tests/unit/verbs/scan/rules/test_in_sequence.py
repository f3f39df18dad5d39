"""Which of several waits the finding about a loop names."""

from __future__ import annotations

from pathlib import Path

import pytest

from iobound.model.finding import Finding, Severity
from iobound.verbs.scan import scanning

SOURCE = Path(__file__).parents[4] / "scan_files" / "in_sequence" / "heaviest.py"


@pytest.fixture(scope="module")
def found() -> list[Finding]:
    data = SOURCE.read_bytes()
    return scanning.findings({"heaviest.py": scanning.read_facts("heaviest.py", data)}, lambda _: data)


@pytest.mark.parametrize(
    ("function", "named"),
    [
        ("download_all", "`urllib.request.urlopen` (the network)"),
        ("answers", "`socket.socket.connect` (the network)"),
        ("weights", "`torch.load` (a file)"),
    ],
)
def test_the_heaviest_wait_is_named(found: list[Finding], function: str, named: str) -> None:
    messages = [each.message for each in found if each.rule in ("IOB201", "IOB202") and each.function == function]
    assert len(messages) == 1
    assert named in messages[0]


def test_values_modules_and_names_of_one_expression_are_nothing_that_iterations_share() -> None:
    data = (SOURCE.parent / "not_shared.py").read_bytes()
    found = scanning.findings({"not_shared.py": scanning.read_facts("not_shared.py", data)}, lambda _: data)
    told = {each.function.rpartition(".")[2]: each.severity for each in found if each.rule in ("IOB201", "IOB202")}
    assert told == {
        "sorted_rows": Severity.WARNING,
        "post_all": Severity.WARNING,
        "get_all": Severity.INFO,
        "counted": Severity.WARNING,
    }


def test_connections_for_large_files_from_anywhere_are_information() -> None:
    data = (SOURCE.parent / "downloads.py").read_bytes()
    found = scanning.findings({"downloads.py": scanning.read_facts("downloads.py", data)}, lambda _: data)
    told = {each.function: each.severity for each in found if each.rule == "IOB205"}
    assert told == {"chunks": Severity.INFO, "files": Severity.WARNING, "rows": Severity.WARNING}
