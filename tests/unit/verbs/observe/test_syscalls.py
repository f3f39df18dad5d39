"""Numbers of system calls are those of Linux, on every architecture that we know."""

import re
from pathlib import Path

import pytest

from iobound.verbs.observe.sources import channels
from iobound.verbs.observe.sources.syscalls import machine, table

OTHER_NAMES = {"newfstatat": "fstatat"}  # how the generic header spells it
YOUNGER = {"futex_wait"}  # than the headers of a long-term distribution


def defined_in(header: Path) -> dict[str, int]:
    """Numbers by name of a header, or skip where the header is not installed."""
    if not header.exists():
        pytest.skip(f"{header} is not installed: nothing to compare with")
    found = re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", header.read_text(encoding="ascii"))
    return {name: int(number) for name, number in found}


@pytest.mark.parametrize(
    ("architecture", "header"),
    [
        ("x86_64", "/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
        ("aarch64", "/usr/include/asm-generic/unistd.h"),
        ("riscv64", "/usr/include/asm-generic/unistd.h"),
    ],
)
def test_numbers_agree_with_the_headers_of_the_kernel(architecture, header):
    official = defined_in(Path(header))
    ours = {name: number for number, name in table(architecture).items() if name not in YOUNGER}
    assert ours
    assert ours == {name: official.get(name, official.get(OTHER_NAMES.get(name, ""))) for name in ours}


@pytest.mark.parametrize("architecture", ["x86_64", "aarch64", "riscv64"])
def test_a_name_has_one_number(architecture):
    names = list(table(architecture).values())
    assert len(names) == len(set(names))


@pytest.mark.parametrize("architecture", ["x86_64", "aarch64"])
def test_every_way_in_which_python_blocks_has_a_name(architecture):
    """What `time`, `socket`, `select`, `threading`, `subprocess` and files end in."""
    names = set(table(architecture).values())
    assert {"read", "write", "recvfrom", "sendto", "accept4", "connect", "futex", "wait4", "waitid"} <= names
    assert {"clock_nanosleep", "openat", "fsync", "flock", "pselect6", "getdents64"} <= names
    assert names & {"poll", "ppoll"} and names & {"epoll_wait", "epoll_pwait"}


def test_an_unknown_architecture_has_no_names():
    assert table("pdp11") == {}


def test_this_machine_is_known():
    assert table(machine()) == table()


def test_a_call_without_a_name_is_shown_by_its_number():
    reader = channels.ChannelReader(1 << 23, -1, lambda address: False, is_main=True)
    assert reader.read(b"4093 0x0 0x0 0x0 0x0 0x0 0x0 0x1 0x2").call == "syscall 4093"
