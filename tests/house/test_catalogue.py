"""The catalogue's data: every entry says how it is known, in words that are known, and can be reached."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from iobound.verbs.scan.catalogue.entries import (
    BLOCKING,
    CARRIES,
    CATEGORIES,
    GIL,
    PLACES,
    PROVENANCE,
    SERIALIZERS,
    WAITING,
    seconds,
)
from iobound.verbs.scan.catalogue.lookup import Catalogue, catalogue


@pytest.fixture(scope="module")
def document(project: Path) -> dict[str, Any]:
    return json.loads((project / "src/iobound/verbs/scan/catalogue/catalogue.json").read_text(encoding="utf-8"))


def codes(document: dict[str, Any]) -> Iterator[tuple[str, str, str, list[str], str]]:
    """Name, category, letters, weight, alternative."""
    for name, code in document["calls"].items():
        known, arrow, other = code.partition(" > ")
        category, letters, *weight = known.split(" ")
        assert bool(arrow) == bool(other), name
        yield name, category, letters, weight, other


def test_every_call_carries_its_provenance_in_known_words(document: dict[str, Any]) -> None:
    """Category, GIL, blocking and how it is known: nothing is left out, nothing is made up."""
    for name, category, letters, weight, _ in codes(document):
        assert category in CATEGORIES, name
        assert len(letters) == 3, name
        assert letters[0] in GIL, name
        assert letters[1] in BLOCKING, name
        assert letters[2] in PROVENANCE, name
        assert len(weight) <= 1, name
        assert all(seconds(each) is not None for each in weight), name


def test_what_is_said_fits_together(document: dict[str, Any]) -> None:
    """A wait for others releases the GIL or is named for why not; computing kinds follow the GIL."""
    for name, category, letters, _, _ in codes(document):
        if letters[1] in "no":
            continue
        if category in WAITING and letters[1] not in "a":
            assert letters[0] != "-", name
        if category == "cpu-native-holds-gil":
            assert letters[0] in "hm", name
        if category == "cpu-native-releases-gil":
            assert letters[0] in "rm", name
        if category == "cpu-python":
            assert letters[0] in "pm", name


@pytest.mark.parametrize("table", ["calls", "returns", "types", "offload", "pools", "process_wide"])
def test_every_name_can_be_reached(document: dict[str, Any], table: str) -> None:
    """A name that an alias leads away from would never be found."""
    for name in document[table]:
        assert catalogue().canonical(name) == name


def test_names_stand_once_and_in_order(document: dict[str, Any], project: Path) -> None:
    """Two lines for one name would hide one of them; order keeps changes easy to read."""
    text = (project / "src/iobound/verbs/scan/catalogue/catalogue.json").read_text(encoding="utf-8")

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in pairs]
        assert len(names) == len(set(names)), sorted({name for name in names if names.count(name) > 1})
        return dict(pairs)

    json.loads(text, object_pairs_hook=once)
    for table in ("aliases", "calls", "returns", "types", "offload", "pools", "process_wide"):
        assert list(document[table]) == sorted(document[table]), table


def test_types_say_how_they_are_known(document: dict[str, Any]) -> None:
    """Each type's row is complete, and each maker leads to one type only."""
    makers: dict[str, str] = {}
    for name, row in document["types"].items():
        assert {*row} - {"note"} == {"made_by", "picklable", "thread_safe", "fork_safe", "known"}, name
        assert row["known"] in PROVENANCE, name
        assert isinstance(row["picklable"], bool) or row["picklable"].endswith("-dependent"), name
        for maker in row["made_by"]:
            assert catalogue().canonical(maker) == maker
            assert makers.setdefault(maker, name) == name, maker


def test_off_loaders_and_boundaries_are_complete(document: dict[str, Any]) -> None:
    """Places, serializers and what is carried are known words."""
    for name, (where, argument, keyword) in document["offload"].items():
        assert where in PLACES, name
        assert argument is not None or keyword is not None, name
    for name, (serializer, _, carries, unless_forked) in document["pools"].items():
        assert serializer in SERIALIZERS, name
        assert carries in CARRIES, name
        assert isinstance(unless_forked, bool), name


def test_what_goes_to_a_process_runs_in_one(document: dict[str, Any]) -> None:
    """A boundary that takes a function off-loads it to a process."""
    for name, (_, function, _, _) in document["pools"].items():
        if function is None or name not in document["offload"]:
            continue
        assert document["offload"][name][0] in ("process", "interpreter"), name


def test_the_legend_explains_every_letter(document: dict[str, Any]) -> None:
    """Who reads the file needs no other."""
    legend = document["legend"]
    for title, letters in (
        ("first letter, the GIL", GIL),
        ("second letter, blocking", BLOCKING),
        ("third letter, how it is known", PROVENANCE),
    ):
        assert {part.strip().split(" ")[0] for part in legend[title].split(",")} == {*letters}, title


def test_the_catalogue_document_names_every_word(project: Path) -> None:
    """docs/catalogue.md explains each category and each way of knowing."""
    text = (project / "docs/catalogue.md").read_text(encoding="utf-8")
    for word in (*CATEGORIES, *PROVENANCE.values(), "own", *(each for each in BLOCKING.values())):
        assert f"`{word}`" in text, word


def test_a_catalogue_is_what_its_document_says(document: dict[str, Any]) -> None:
    """Nothing is dropped on the way in."""
    known = Catalogue(document)
    assert len(known) == len(document["calls"])
    assert all(known.find(name) is not None for name in document["calls"])
