"""The catalogue of library calls."""

from __future__ import annotations

import doctest
import json
from importlib import resources

import pytest

from iobound.errors import LawBroken
from iobound.scan.catalogue import leaves
from iobound.scan.catalogue import lookup as catalogue_module
from iobound.scan.catalogue.lookup import Catalogue, catalogue
from iobound.scan.syntax import names, sources

DOCUMENT = json.loads(resources.files("iobound.scan.catalogue").joinpath("catalogue.json").read_text(encoding="utf-8"))
CATEGORIES = {
    "network",
    "dns",
    "disk",
    "sleep",
    "lock",
    "subprocess",
    "database",
    "stdin",
    "cpu-python",
    "cpu-native-releases-gil",
    "cpu-native-holds-gil",
}


def test_every_entry_can_be_read() -> None:
    for name in DOCUMENT["calls"]:
        entry = catalogue().find(name)
        assert entry is not None
        assert entry.category in CATEGORIES
        assert entry.gil in {"releases", "holds", "mixed", "python", None}
        assert entry.provenance in {"measured", "documented", "common knowledge"}


def test_aliases_lead_to_names_and_not_in_circles() -> None:
    for spelling, name in DOCUMENT["aliases"].items():
        assert catalogue().canonical(spelling) == name
        assert catalogue().canonical(name) == name


@pytest.mark.parametrize(
    ("name", "category"),
    [
        ("io.open", "disk"),
        ("posix.scandir", "disk"),
        ("botocore.client.BaseClient.list_objects", "network"),
        ("openai.OpenAI.chat.completions.create", "network"),
        ("stripe.Customer.retrieve", "network"),
    ],
)
def test_aliases_and_patterns_are_looked_up(name: str, category: str) -> None:
    entry = catalogue().find(name)
    assert entry is not None
    assert entry.category == category


def test_names_that_are_not_listed_are_not_found() -> None:
    assert catalogue().find("get") is None
    assert catalogue().find("") is None
    assert catalogue().find("my.requests.get") is None


def test_a_class_gives_its_own_instances_and_a_function_what_is_known() -> None:
    assert catalogue().returned_by("threading.Lock") == "threading.Lock"
    assert catalogue().returned_by("requests.session") == "requests.Session"
    assert catalogue().returned_by("os.getpid") is None


def test_another_version_is_refused() -> None:
    with pytest.raises(LawBroken, match="version 2"):
        Catalogue({**DOCUMENT, "version": 2})


@pytest.mark.parametrize("module", [catalogue_module, leaves, names, sources])
def test_examples_in_the_documentation_hold(module: object) -> None:
    result = doctest.testmod(module)  # type: ignore[arg-type]
    assert result.attempted > 0
    assert result.failed == 0
