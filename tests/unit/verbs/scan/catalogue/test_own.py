"""Entries that users add under `[tool.iobound.catalogue]`."""

from __future__ import annotations

import doctest
import tomllib
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iobound.errors import UsageError
from iobound.verbs.scan.catalogue import own as own_module
from iobound.verbs.scan.catalogue.entries import BLOCKING, CATEGORIES, Boundary, Entry, Offload
from iobound.verbs.scan.catalogue.lookup import Own, catalogue
from iobound.verbs.scan.catalogue.own import own_entries

TABLE = """
"myco.db.query" = { category = "database", gil = "releases", blocking = "yes", async = "myco.aio.query",
                    weight = "2 ms", returns = "myco.db.Rows" }
"myco.rpc.Client.*" = "network"
"requests.api.get" = false

[types]
"myco.db.Connection" = { made-by = ["myco.db.connect"], thread-safe = true, fork-safe = true, note = "n" }

[offload]
"myco.jobs.spawn" = { where = "process", keyword = "job" }
"myco.jobs.later" = {}

[pools]
"myco.farm.map" = { serializer = "dill", function = 1, carries = "elements", unless-forked = true }

[aliases]
"myco.compat.json" = "json"

[process-wide]
"myco.settings.override" = "changes settings for every thread"
"""
# TOML before 1.1 keeps an inline table on one line.
OURS = own_entries(tomllib.loads(TABLE.replace(",\n                    weight", ", weight")))


def test_a_whole_table_is_read() -> None:
    """Every section arrives, and a shipped entry can be taken away by any of its spellings."""
    known = catalogue().extended(OURS)
    assert known.find("myco.db.query") == Entry("database", "releases", "yes", "own", "myco.aio.query", 0.002)
    assert known.returned_by("myco.db.query") == "myco.db.Rows"
    assert known.find("requests.get") is None
    assert known.find("requests.post") == catalogue().find("requests.post")
    facts = known.type_facts("myco.db.connect")
    assert facts is not None
    assert (facts.name, facts.picklable, facts.thread_safe, facts.fork_safe) == (
        "myco.db.Connection",
        False,
        True,
        True,
    )
    assert known.is_thread_safe("myco.db.Connection") is True
    assert known.offload("myco.jobs.spawn") == Offload("process", None, "job")
    assert known.offload("myco.jobs.later") == Offload("thread", 0, None)
    assert known.pool("myco.farm.map") == Boundary("dill", 1, "elements", unless_forked=True)
    assert known.canonical("myco.compat.json.loads") == "json.loads"
    assert known.process_wide("myco.settings.override") == "changes settings for every thread"


def test_what_is_left_out_is_what_is_usual() -> None:
    """A category alone makes an entry."""
    entry = catalogue().extended(OURS).find("myco.rpc.Client.call")
    assert entry == Entry("network", "releases", "yes", "own", "asyncio.to_thread", 0.05)
    computing = own_entries({"myco.sum": "cpu-python"}).calls["myco.sum"]
    assert computing is not None
    assert (computing.gil, computing.async_alternative) == ("python", None)


def test_the_shipped_catalogue_is_left_as_it_is() -> None:
    """Extending makes a new catalogue."""
    catalogue().extended(OURS)
    assert catalogue().find("myco.db.query") is None
    assert catalogue().find("requests.get") is not None


def test_the_digest_follows_the_content() -> None:
    """Results kept for one catalogue are not taken for another's; the order of a table does not matter."""
    one = own_entries({"a.b": "network", "c.d": "disk"})
    other = own_entries({"c.d": "disk", "a.b": "network"})
    digests = [catalogue().extended(each).digest for each in (Own(), one, OURS)]
    assert len({*digests, catalogue().digest}) == 3
    assert catalogue().extended(one).digest == catalogue().extended(other).digest


@pytest.mark.parametrize(
    ("table", "value", "hint"),
    [
        ({"get": "network"}, "'get'", "package.get"),
        ({"requests.*.*": "network"}, "'requests.*.*'", "any method"),
        ({"*.get": "network"}, "'*.get'", "any method"),
        ({"a b.c": "network"}, "'a b.c'", "any method"),
        ({"a.b": "netwrok"}, "'netwrok'", "network, dns"),
        ({"a.b": 3}, "3", "give a category"),
        ({"a.b": True}, "True", "or false"),
        ({"a.b": {}}, "{}", "say its category"),
        ({"a.b": {"category": "network", "gil": "free"}}, "'free'", "releases, holds"),
        ({"a.b": {"category": "network", "blocking": ["yes"]}}, "['yes']", "yes, short"),
        ({"a.b": {"category": "network", "wait": 1}}, "'wait'", "it may say category"),
        ({"a.b": {"category": "network", "weight": 3}}, "3", "with its unit"),
        ({"a.b": {"category": "network", "weight": "-1 s"}}, "'-1 s'", "with its unit"),
        ({"a.b": {"category": "network", "async": "query"}}, "'query'", "in full"),
        ({"a.b": {"category": "network", "returns": 1}}, "1", "in full"),
        ({"types": "x"}, "'x'", "[tool.iobound.catalogue.types]"),
        ({"types": {"Connection": {}}}, "'Connection'", "in full"),
        ({"types": {"a.B": {"picklable": "no"}}}, "'no'", "true or false"),
        ({"types": {"a.B": {"made-by": "a.b"}}}, "'a.b'", "list of calls"),
        ({"offload": {"a.b": {"where": "cloud"}}}, "'cloud'", "thread, process"),
        ({"offload": {"a.b": {"argument": True}}}, "True", "from 0"),
        ({"offload": {"a.b": 1}}, "1", "where = …"),
        ({"pools": {"a.b": {"serializer": "json"}}}, "'json'", "pickle"),
        ({"pools": {"a.b": {"function": -1}}}, "-1", "from 0"),
        ({"aliases": {"a.b": "x y"}}, "'x y'", "stands for"),
        ({"process-wide": {"a.b": 1}}, "1", "in quotes"),
    ],
)
def test_nonsense_is_refused_with_its_value_and_a_hint(table: Mapping[str, object], value: str, hint: str) -> None:
    """The message holds what is wrong, the hint what would do."""
    with pytest.raises(UsageError) as caught:
        own_entries(table)
    assert value in caught.value.message
    assert "[tool.iobound.catalogue]" in caught.value.message
    assert hint in (caught.value.hint or "")


LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.sampled_from(CATEGORIES)
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["category", "gil", "blocking", "async", "weight", "made-by", "where", "x.y"]), inner
        ),
    ),
    max_leaves=8,
)
KEYS = st.one_of(
    st.text(max_size=10), st.sampled_from(["a.b", "a.b.*", "a.**", "types", "offload", "pools", "aliases"])
)


@given(st.dictionaries(KEYS, VALUES, max_size=4))
def test_any_table_is_read_or_refused(table: dict[str, object]) -> None:
    """Whatever TOML can say either extends the catalogue or is a usage error."""
    try:
        ours = own_entries(table)
    except UsageError:
        return
    known = catalogue().extended(ours)
    for name, entry in ours.calls.items():
        if "*" not in name:
            assert known.find(name) == entry


@given(
    st.sampled_from(CATEGORIES),
    st.sampled_from(sorted(BLOCKING.values())),
    st.integers(min_value=1, max_value=10_000),
)
def test_an_entry_says_what_was_written(category: str, blocking: str, milliseconds: int) -> None:
    """What is written is looked up, by the name and below a pattern."""
    row = {"category": category, "blocking": blocking, "weight": f"{milliseconds} ms"}
    known = catalogue().extended(own_entries({"myco.one": row, "myco.Type.*": row, "myco.deep.**": row}))
    for name in ("myco.one", "myco.Type.method", "myco.deep.a.b.c"):
        entry = known.find(name)
        assert entry is not None
        assert (entry.category, entry.blocking, entry.provenance) == (category, blocking, "own")
        assert entry.weight_s == pytest.approx(milliseconds / 1000)


def test_examples_in_the_documentation_hold() -> None:
    """The docstrings' examples run."""
    result = doctest.testmod(own_module)
    assert result.attempted > 0
    assert result.failed == 0
