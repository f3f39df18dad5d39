"""What differs from run to run is left out of names; nothing else is."""

import pytest

from iobound.verbs.compare import targets


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("/tmp/tmpab12cd_9/data.bin", "/tmp/tmpzz00yy_1/data.bin"),
        ("/tmp/pytest-of-ann/pytest-7/test_a0/f", "/tmp/pytest-of-bob/pytest-12/test_a0/f"),
        ("/home/ann/app/x.csv", "/ci/build/app/x.csv"),
        ("/proc/123/maps", "/proc/4567/maps"),
        ("pipe:[123]", "pipe:[98765]"),
        ("cache/0f8fad5b-d9cb-469f-a165-70867728950e", "cache/7c9e6679-7425-40de-944b-e07fc1f90ae7"),
        ("/tmp/worker-12345.sock", "/tmp/worker-777.sock"),
        ("db:5432 (postgresql)", "db:5432"),
    ],
)
def test_these_are_the_same(one, other):
    """Whatever made them differ."""
    cwd = {"/home/ann/app/x.csv": "/home/ann", "/ci/build/app/x.csv": "/ci/build"}
    assert targets.bare(one, cwd.get(one, "/w")) == targets.bare(other, cwd.get(other, "/w"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("db:5432", "db:5433"),
        ("/data/part-0001", "/data/part-0002"),
        ("/tmp/left.txt", "/tmp/right.txt"),
        ("/home/ann/a.csv", "/home/bob/a.csv"),
        ("", "x"),
    ],
)
def test_these_are_not(one, other):
    """A change of what is waited for must not vanish."""
    assert targets.bare(one, "/w") != targets.bare(other, "/w")


def test_normalising_twice_changes_nothing():
    """A name is made bare once and for all."""
    for target in ("/tmp/tmpab12cd_9/1234", "db:5432 (postgresql)", "/proc/77/fd", "pipe:[5]"):
        assert targets.bare(targets.bare(target, "/w"), "/w") == targets.bare(target, "/w")
