"""The number of CPUs that can really be used, from trees of cgroup files."""

import os

import pytest

from iobound.verbs.observe.sources.effective_cpus import bounded, cgroup_folders, cgroup_quota, effective_cpus
from iobound.verbs.observe.sources.psutil_host import throttled_us


@pytest.fixture
def tree(tmp_path):
    """Makes a tree of cgroup files; returns its root and the file that says where we are in it."""

    def made(membership: str, files: dict[str, str]) -> tuple[str, str]:
        root = tmp_path / "cgroup"
        root.mkdir()
        for name, text in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        ours = tmp_path / "membership"
        ours.write_text(membership)
        return str(root), str(ours)

    return made


@pytest.mark.parametrize(
    ("membership", "files", "quota"),
    [
        ("0::/a/b\n", {"a/b/cpu.max": "150000 100000\n"}, 1.5),
        ("0::/a/b\n", {"a/b/cpu.max": "max 100000\n"}, None),
        ("0::/a/b\n", {"a/cpu.max": "50000 100000\n", "a/b/cpu.max": "max 100000\n"}, 0.5),
        ("0::/a/b\n", {"a/cpu.max": "400000 100000\n", "a/b/cpu.max": "300000 100000\n"}, 3.0),
        ("0::/a/b\n", {"a/cpu.max": "200000 100000\n", "a/b/cpu.max": "300000 100000\n"}, 2.0),
        ("0::/\n", {"cpu.max": "100000 50000\n"}, 2.0),  # inside a container, its own group is the root
        ("0::/../../a\n", {"a/cpu.max": "100000 100000\n"}, 1.0),  # a group outside our name space
        ("0::/gone\n", {"cpu.max": "max 100000\n"}, None),
        ("4:cpu,x:/d\n", {"cpu,x/d/cpu.cfs_quota_us": "250", "cpu,x/d/cpu.cfs_period_us": "100"}, 2.5),
        ("4:cpu:/d\n", {"cpu/d/cpu.cfs_quota_us": "-1\n", "cpu/d/cpu.cfs_period_us": "100000\n"}, None),
        (
            "4:cpu:/d\n0::/d\n",
            {
                "cpu/d/cpu.cfs_quota_us": "100000\n",
                "cpu/d/cpu.cfs_period_us": "100000\n",
                "unified/d/cgroup.procs": "",
            },
            1.0,
        ),
        ("4:memory:/d\n", {"memory/d/cpu.max": "1000 100000\n"}, None),
        ("", {}, None),
    ],
    ids=[
        "own quota", "no quota", "parent's quota", "own is tighter", "parent's is tighter", "root of a container",
        "outside the name space", "no such folder", "v1", "v1 without", "hybrid", "another controller", "no cgroups",
    ],
)  # fmt: skip
def test_the_tightest_quota_of_all_ancestors_counts(tree, membership, files, quota):
    assert cgroup_quota(*tree(membership, files)) == quota


def test_without_proc_there_is_no_quota(tmp_path):
    assert cgroup_quota(str(tmp_path), str(tmp_path / "missing")) is None
    assert cgroup_folders(str(tmp_path), str(tmp_path / "missing")) == []


def test_folders_come_innermost_first_and_once(tree):
    root, ours = tree("0::/a/b\n3:cpu:/a/b\n", {"a/b/cpu.max": "", "cpu/a/b/cpu.stat": ""})
    folders = cgroup_folders(root, ours)
    assert folders[:3] == [f"{root}/a/b", f"{root}/a", root]
    assert len(folders) == len(set(folders))
    assert f"{root}/cpu/a/b" in folders


@pytest.mark.parametrize(
    ("machine", "affinity", "quota", "cpus", "limited_by"),
    [
        (8, 8, None, 8, "machine"),
        (8, 2, None, 2, "affinity"),
        (8, 8, 1.5, 1.5, "cgroup"),
        (8, 2, 1.5, 1.5, "cgroup"),
        (8, 2, 4.0, 2, "affinity"),
        (8, 8, 8.0, 8, "machine"),
        (8, 8, 64.0, 8, "machine"),
    ],
)
def test_the_smallest_limit_binds(machine, affinity, quota, cpus, limited_by):
    limit = bounded(machine, affinity, quota)
    assert (limit.cpus, limit.limited_by) == (cpus, limited_by)


def test_affinity_is_that_of_this_process():
    before = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(before)})
        limit = effective_cpus()
    finally:
        os.sched_setaffinity(0, before)
    assert limit.affinity == 1
    assert limit.cpus <= 1
    assert limit.machine == os.cpu_count()


def test_throttled_time_is_a_count_or_not_known():
    throttled = throttled_us()
    assert throttled is None or throttled >= 0
