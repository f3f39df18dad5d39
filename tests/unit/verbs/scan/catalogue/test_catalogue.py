"""The catalogue of library calls."""

from __future__ import annotations

import doctest
import json
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iobound.errors import LawBroken
from iobound.verbs.scan.catalogue import entries, leaves
from iobound.verbs.scan.catalogue import lookup as catalogue_module
from iobound.verbs.scan.catalogue.entries import Boundary, Offload
from iobound.verbs.scan.catalogue.lookup import Catalogue, catalogue
from iobound.verbs.scan.syntax import meaning, sources

DOCUMENT = json.loads(
    resources.files("iobound.verbs.scan.catalogue").joinpath("catalogue.json").read_text(encoding="utf-8")
)
NAMES = sorted(DOCUMENT["calls"])
CONCRETE = [name for name in NAMES if "*" not in name]


def test_a_line_of_the_data_is_an_entry() -> None:
    """Codes, lengths and twins are told apart; what is left out is what is usual."""
    entry = catalogue().find("subprocess.run")
    assert entry is not None
    assert entry[:3] == ("subprocess", "releases", "yes")
    assert entry.async_alternative == "asyncio.create_subprocess_exec"
    assert entry.weight_s == 0.005


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
    with pytest.raises(LawBroken, match="version 1"):
        Catalogue({**DOCUMENT, "version": 1})


@pytest.mark.parametrize(
    ("name", "alternative"),
    [
        ("time.sleep", "asyncio.sleep"),
        ("requests.Session.get", "httpx.AsyncClient.get"),
        ("redis.Redis.get", "redis.asyncio.Redis.get"),
        ("socket.getaddrinfo", "loop.getaddrinfo"),
        ("shutil.rmtree", "asyncio.to_thread"),
        ("mmap.mmap.find", None),
        ("json.loads", None),
        ("requests.Session", "httpx.AsyncClient"),
        ("asyncio.sleep", None),
    ],
)
def test_an_entry_says_what_a_coroutine_would_use(name: str, alternative: str | None) -> None:
    """A twin by its name, a thread where that frees the loop, nothing where nothing helps or nothing has to."""
    entry = catalogue().find(name)
    assert entry is not None
    assert entry.async_alternative == alternative


@pytest.mark.parametrize(
    ("light", "heavy"),
    [
        ("os.path.exists", "requests.get"),
        ("os.stat", "sqlite3.Connection.commit"),
        ("requests.Session", "ssl.create_default_context"),
        ("redis.Redis.get", "openai.OpenAI.chat.completions.create"),
        ("hashlib.sha256", "bcrypt.hashpw"),
    ],
)
def test_weights_rank_calls(light: str, heavy: str) -> None:
    """A look at a file is no request."""
    light_entry, heavy_entry = catalogue().find(light), catalogue().find(heavy)
    assert light_entry is not None
    assert heavy_entry is not None
    assert 100 * light_entry.weight_s <= heavy_entry.weight_s


@pytest.mark.parametrize(
    ("name", "blocking"),
    [
        ("aiohttp.ClientSession.get", "await"),
        ("httpx.AsyncClient.post", "await"),
        ("asyncpg.Connection.fetch", "await"),
        ("redis.asyncio.Redis.get", "await"),
        ("asyncio.Queue.get", "await"),
        ("anyio.Path.read_text", "await"),
        ("sqlalchemy.ext.asyncio.AsyncSession.execute", "await"),
        ("queue.Queue.get", "yes"),
        ("queue.Queue.get_nowait", "no"),
        ("boto3.client.list_objects_v2", "yes"),
        ("boto3.client.get_paginator", "no"),
        ("concurrent.futures.ThreadPoolExecutor.map", "lazy"),
        ("pymongo.MongoClient", "no"),
        ("os.walk", "lazy"),
    ],
)
def test_what_only_makes_an_object_or_an_awaitable_does_not_wait(name: str, blocking: str) -> None:
    """The way of blocking tells twins apart."""
    entry = catalogue().find(name)
    assert entry is not None
    assert entry.blocking == blocking


@pytest.mark.parametrize(
    "name", ["os.path.join", "os.environ.get", "dict.get", "pathlib.PurePath.with_suffix", "io.BytesIO.read"]
)
def test_what_touches_nothing_is_not_listed(name: str) -> None:
    """Alike names of pure functions stay unknown."""
    assert catalogue().find(name) is None


def test_facts_of_types_are_found_by_type_and_by_maker() -> None:
    """What makes an instance leads to what is known of it."""
    facts = catalogue().type_facts("sqlite3.Connection")
    assert facts is not None
    assert (facts.picklable, facts.thread_safe, facts.fork_safe) == (False, False, False)
    assert catalogue().type_facts("sqlite3.connect") == facts
    assert catalogue().type_facts("requests.sessions.Session") == catalogue().type_facts("requests.Session")
    assert catalogue().type_facts("my.Type") is None
    assert catalogue().is_thread_safe("queue.Queue") is True
    assert catalogue().is_thread_safe("my.Type") is None


def test_off_loaders_say_which_argument_runs_where() -> None:
    """By position, by keyword, elsewhere or later."""
    assert catalogue().offload("concurrent.futures.thread.ThreadPoolExecutor.submit") == Offload("thread", 0, None)
    assert catalogue().offload("multiprocessing.Process") == Offload("process", 1, "target")
    assert catalogue().offload("asyncio.AbstractEventLoop.run_in_executor") == Offload("executor", 1, "func")
    assert catalogue().offload("my.submit") is None


def test_boundaries_of_processes_say_what_is_serialised() -> None:
    """A row is not an element, and loky takes lambdas."""
    assert catalogue().pool("multiprocessing.Pool.starmap") == Boundary("pickle", 0, "rows")
    assert catalogue().pool("multiprocessing.Process") == Boundary("pickle", "target", "arguments", unless_forked=True)
    loky = catalogue().pool("loky.ProcessPoolExecutor.map")
    assert loky is not None
    assert loky.serializer == "cloudpickle"
    assert catalogue().pool("concurrent.futures.ThreadPoolExecutor.map") is None


@given(st.sampled_from(CONCRETE))
def test_a_listed_name_is_found_by_every_spelling(name: str) -> None:
    """An alias of a name, or of what it stands under, means the same."""
    entry = catalogue().find(name)
    assert entry is not None
    for spelling, target in DOCUMENT["aliases"].items():
        if name == target or name.startswith(target + "."):
            other = spelling + name[len(target) :]
            assert catalogue().canonical(other) == name
            assert catalogue().find(other) == entry


@given(st.text(alphabet="abcdefgh_.*", max_size=20))
def test_look_up_agrees_with_a_plain_reading_of_the_data(name: str) -> None:
    """Memory and short cuts change nothing."""
    for prefix in ("", "redis.Redis.", "openai.OpenAI.", "stripe.", "os.path.", "boto3.client."):
        found = catalogue().find(prefix + name)
        assert found == catalogue().find(prefix + name)
        assert found == Catalogue(DOCUMENT).find(prefix + name) if found is not None else True
        assert (found is not None) == _plainly_listed(prefix + name)


def _plainly_listed(name: str) -> bool:
    name = catalogue().canonical(name)
    owner, _, method = name.rpartition(".")
    above = owner.rpartition(".")[0]
    deep = [name[:at] + ".**" for at, letter in enumerate(name) if letter == "."]
    listed = DOCUMENT["calls"]
    return (
        name in listed
        or owner + ".*" in listed
        or bool(above and f"{above}.*.{method}" in listed)
        or any(each in listed for each in deep)
    )


def test_a_name_of_a_program_costs_no_memory() -> None:
    """Only names below a listed root are remembered."""
    known = Catalogue(DOCUMENT)
    for number in range(100):
        assert known.find(f"my.function{number}") is None
        assert known.find(f"os.no_such_call{number}") is None
    assert len(known._entries) == 100


@pytest.mark.parametrize("module", [catalogue_module, entries, leaves, meaning, sources])
def test_examples_in_the_documentation_hold(module: object) -> None:
    result = doctest.testmod(module)  # type: ignore[arg-type]
    assert result.attempted > 0
    assert result.failed == 0
