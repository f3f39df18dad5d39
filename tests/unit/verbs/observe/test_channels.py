"""Every kind of channel: hand-written lines over real descriptors, and programs that really block."""

import ctypes
import fcntl
import os
import pty
import select
import signal
import socket
import struct
import subprocess
import time
from contextlib import ExitStack, closing

import pytest

from iobound.model.recording import Channel, Kind
from iobound.verbs.observe.sources.channels import ChannelReader, command_of
from iobound.verbs.observe.sources.socket_peers import SocketPeers
from iobound.verbs.observe.sources.syscalls import table

NUMBERS = {name: number for number, name in table().items()}
NO_PROCESS = 1 << 23  # larger than any process id
GIL_AT = 0x5555_0000
PRIVATE = 0x80
NEVER = 0xFFFFFFFF  # a time-out of -1


def line(name: str, *arguments: int) -> bytes:
    """What the kernel writes for a thread in this call, or skip where the architecture does without it."""
    if name not in NUMBERS:
        pytest.skip(f"{name} does not exist on this architecture")
    words = [*arguments, *[0] * (6 - len(arguments)), 0x7FFC0000, 0x7F000000]
    return " ".join([str(NUMBERS[name]), *(f"{word & (1 << 64) - 1:#x}" for word in words)]).encode() + b"\n"


@pytest.fixture
def reader():
    """Reads lines as if this process were in them."""
    memory = os.open("/proc/self/mem", os.O_RDONLY)
    yield ChannelReader(os.getpid(), memory, lambda address: 0 <= address - GIL_AT < 256, is_main=True)
    os.close(memory)


@pytest.fixture
def stack():
    with ExitStack() as held:
        yield held


# -- lines without a descriptor -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "arguments", "kind"),
    [
        ("clock_nanosleep", (1, 1), Kind.TIMER),
        ("nanosleep", (), Kind.TIMER),
        ("futex", (GIL_AT, 0x89), Kind.GIL),
        ("futex", (GIL_AT + 255, PRIVATE), Kind.GIL),
        ("futex", (GIL_AT + 256, PRIVATE), Kind.FUTEX),
        ("futex", (0x7F00, 0x189, 0, 0), Kind.FUTEX),
        ("futex", (0x7F00, 0x189, 0, 0x7FFC), Kind.TIMED_FUTEX),
        ("futex", (0x7F00, 0x109, 0, 0x7FFC), Kind.SHARED_FUTEX),
        ("wait4", (-1,), Kind.CHILD),
        ("clone3", (), Kind.CHILD),
        ("execve", (), Kind.CHILD),
        ("semtimedop", (), Kind.SHARED_FUTEX),
        ("sync", (), Kind.FILE),
        ("io_getevents", (), Kind.FILE),
        ("rt_sigtimedwait", (), Kind.EVENT_LOOP_IDLE),
        ("io_uring_enter", (), Kind.UNKNOWN),
        ("poll", (0, 0, 5), Kind.TIMER),
        ("poll", (0, 0, NEVER), Kind.EVENT_LOOP_IDLE),
        ("ppoll", (0, 0, 0x7FFC), Kind.TIMER),
        ("ppoll", (0, 0, 0), Kind.EVENT_LOOP_IDLE),
        ("select", (0, 0, 0, 0, 0x7FFC), Kind.TIMER),
        ("pselect6", (0, 0, 0, 0, 0), Kind.EVENT_LOOP_IDLE),
        ("read", (999_999,), Kind.UNKNOWN),
    ],
)
def test_kind_by_call_and_arguments(reader, call, arguments, kind):
    channel = reader.read(line(call, *arguments))
    assert (channel.call, channel.kind) == (call, kind)


@pytest.mark.parametrize("garbled", [b"", b"\n", b"x y z", b"12", b"7 zz", b"running\n", b"\xff\xfe 1", b"9" * 400])
def test_a_line_that_cannot_be_read_is_an_unknown_channel_and_no_error(reader, garbled):
    assert reader.read(garbled).kind in (Kind.UNKNOWN, Kind.FILE)


def test_locks_are_told_apart_by_their_address(reader):
    assert reader.read(line("futex", 0x7F10, 0x189)).target == "0x7f10"
    assert reader.read(line("futex", 0x7F20, 0x189)).target == "0x7f20"


def test_so_many_locks_are_no_longer_told_apart(reader):
    targets = {reader.read(line("futex", 0x1000 + 8 * lock, 0x189)).target for lock in range(3000)}
    assert "" in targets
    assert 1000 < len(targets) <= 2001


def test_paths_are_read_out_of_the_memory_of_the_process(reader):
    path = ctypes.create_string_buffer(b"/some/where/f\xc3\xbcr")
    assert reader.read(line("openat", -100, ctypes.addressof(path))) == Channel("openat", Kind.FILE, "/some/where/für")
    assert reader.read(line("openat", -100, 16)) == Channel("openat", Kind.FILE, "")


def test_a_child_that_is_waited_for_is_named(reader, start):
    child = start("print('ready', flush=True); import time; time.sleep(50)", "an argument")
    for call, arguments in (("wait4", (child.pid,)), ("waitid", (1, child.pid))):
        assert reader.read(line(call, *arguments)).target == command_of(child.pid)
    assert command_of(child.pid).endswith(" an argument")
    assert reader.read(line("wait4", -1)).target == ""
    assert reader.read(line("waitid", 0, child.pid)).target == ""


def test_the_command_of_a_process_is_bounded_and_that_of_a_missing_one_empty(start):
    child = start("print('ready', flush=True); import time; time.sleep(50)", "x" * 5000)
    assert len(command_of(child.pid)) == 300
    assert command_of(NO_PROCESS) == ""


def test_without_memory_and_process_only_the_call_is_known():
    blind = ChannelReader(NO_PROCESS, -1, lambda address: False, is_main=True)
    assert blind.read(line("read", 3)) == Channel("read", Kind.UNKNOWN, "")
    assert blind.read(line("ppoll", 0x7000, 3, 0)).kind is Kind.EVENT_LOOP_IDLE


# -- descriptors ----------------------------------------------------------------------------------------------------


def pipe(stack):
    ends = os.pipe()
    for end in ends:
        stack.callback(os.close, end)
    return ends


def tcp_pair(stack, family=socket.AF_INET, host="127.0.0.1"):
    """Listener, client and the server's end of a connection."""
    listener = stack.enter_context(closing(socket.socket(family)))
    listener.bind((host, 0))
    listener.listen()
    client = stack.enter_context(closing(socket.create_connection(listener.getsockname()[:2])))
    server = stack.enter_context(closing(listener.accept()[0]))
    return listener, client, server


def test_a_pipe(reader, stack):
    assert reader.read(line("read", pipe(stack)[0])) == Channel("read", Kind.PIPE)


def test_a_named_pipe_is_no_file(reader, stack, tmp_path):
    os.mkfifo(tmp_path / "fifo")
    end = os.open(tmp_path / "fifo", os.O_RDWR)
    stack.callback(os.close, end)
    assert reader.read(line("read", end)) == Channel("read", Kind.PIPE, str(tmp_path / "fifo"))


@pytest.mark.parametrize("call", ["read", "write", "fsync", "fdatasync", "pread64", "flock", "getdents64", "sendfile"])
def test_files_and_folders(reader, stack, tmp_path, call):
    (tmp_path / "file").touch()
    for path in (tmp_path, tmp_path / "file"):
        descriptor = os.open(path, os.O_RDONLY)
        stack.callback(os.close, descriptor)
        assert reader.read(line(call, descriptor)) == Channel(call, Kind.FILE, str(path))


def test_a_connection_has_its_peer_as_target(reader, stack):
    _, client, server = tcp_pair(stack)
    for end in (client, server):
        host, port = end.getpeername()
        assert reader.read(line("recvfrom", end.fileno())) == Channel("recvfrom", Kind.INTERNET, f"{host}:{port}")


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6 here")
def test_a_connection_by_ipv6(reader, stack):
    try:
        _, client, _ = tcp_pair(stack, socket.AF_INET6, "::1")
    except OSError:
        pytest.skip("no IPv6 loopback here")
    port = client.getpeername()[1]
    assert reader.read(line("recvfrom", client.fileno())) == Channel("recvfrom", Kind.INTERNET, f"[::1]:{port}")


def test_an_ipv4_peer_of_an_ipv6_socket_is_shown_as_ipv4(reader, stack):
    listener = stack.enter_context(closing(socket.socket(socket.AF_INET6)))
    try:
        listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        listener.bind(("::", 0))
    except OSError:
        pytest.skip("no IPv6 here")
    listener.listen()
    client = stack.enter_context(closing(socket.create_connection(("127.0.0.1", listener.getsockname()[1]))))
    server = stack.enter_context(closing(listener.accept()[0]))
    assert reader.read(line("recvfrom", server.fileno())).target == f"127.0.0.1:{client.getsockname()[1]}"


def test_a_listening_socket_waits_for_customers(reader, stack, tmp_path):
    listener, _, _ = tcp_pair(stack)
    assert reader.read(line("accept4", listener.fileno())).kind is Kind.LISTENER
    unix = stack.enter_context(closing(socket.socket(socket.AF_UNIX)))
    unix.bind(str(tmp_path / "s"))
    unix.listen()
    reader = ChannelReader(os.getpid(), -1, lambda address: False, is_main=True)
    assert reader.read(line("poll", 0, 0, 0)).kind is Kind.TIMER
    assert reader.read(line("accept4", unix.fileno())) == Channel("accept4", Kind.LISTENER, str(tmp_path / "s"))
    assert reader._descriptor(unix.fileno())[0] is Kind.LISTENER


def test_a_datagram_socket_is_the_internet_with_or_without_a_peer(reader, stack):
    loose, tied = (stack.enter_context(closing(socket.socket(type=socket.SOCK_DGRAM))) for _ in range(2))
    loose.bind(("127.0.0.1", 0))
    tied.connect(("127.0.0.1", 9))
    assert reader.read(line("recvfrom", tied.fileno())) == Channel("recvfrom", Kind.INTERNET, "127.0.0.1:9")
    assert reader.read(line("recvfrom", loose.fileno())) == Channel("recvfrom", Kind.INTERNET, "")


def test_a_socket_pair_is_no_network(reader, stack):
    one, _ = (stack.enter_context(closing(end)) for end in socket.socketpair())
    assert reader.read(line("recvfrom", one.fileno())).kind is Kind.UNIX_SOCKET


def test_descriptors_without_a_name_in_any_file_system(reader, stack):
    counter = os.eventfd(0)
    child = os.pidfd_open(os.getpid())
    for descriptor in (counter, child):
        stack.callback(os.close, descriptor)
    assert reader.read(line("read", counter)).kind is Kind.PIPE
    assert reader.read(line("read", child)).kind is Kind.CHILD


def test_both_ends_of_a_terminal(reader, stack):
    far, near = pty.openpty()
    for end in (far, near):
        stack.callback(os.close, end)
    assert reader.read(line("read", near)) == Channel("read", Kind.TERMINAL, os.ttyname(near))
    assert reader.read(line("read", far)).kind is Kind.PIPE


# -- several descriptors at once ------------------------------------------------------------------------------------


def poll_line(descriptors, timeout):
    """A line of `poll` (or `ppoll`) and the buffer that it points to."""
    buffer = ctypes.create_string_buffer(b"".join(struct.pack("<ihh", one, 1, 0) for one in descriptors))
    if "poll" in NUMBERS:
        return line("poll", ctypes.addressof(buffer), len(descriptors), timeout), buffer
    return line("ppoll", ctypes.addressof(buffer), len(descriptors), timeout and 0x7FFC), buffer


def test_polling_waits_for_the_most_outward_of_its_descriptors(reader, stack):
    own, _ = pipe(stack)
    _, client, server = tcp_pair(stack)
    peer = f"127.0.0.1:{client.getpeername()[1]}"
    text, _keep = poll_line([own, -1, client.fileno()], 50)
    assert (reader.read(text).kind, reader.read(text).target) == (Kind.INTERNET, peer)
    text, _keep = poll_line([client.fileno(), server.fileno()], 50)
    assert reader.read(text).target == "2 descriptors"
    text, _keep = poll_line([own], 50)
    assert reader.read(text).kind is Kind.PIPE


def test_selecting_reads_all_three_sets(reader, stack):
    _, client, _ = tcp_pair(stack)
    own, far = pipe(stack)
    call = "pselect6"

    def bits(*descriptors):
        return ctypes.create_string_buffer(sum(1 << one for one in descriptors).to_bytes(128, "little"))

    none, read, written = bits(), bits(own), bits(client.fileno(), far)
    highest = max(own, far, client.fileno()) + 1
    sets = [ctypes.addressof(one) for one in (read, written, none)]
    assert reader.read(line(call, highest, *sets, 0)).kind is Kind.INTERNET
    assert reader.read(line(call, highest, sets[0], 0, 0, 0)).kind is Kind.PIPE
    assert reader.read(line(call, highest, sets[2], 0, 0, 0x7FFC)).kind is Kind.TIMER


def test_an_event_loop_is_told_from_what_its_selector_watches(stack):
    wake, _ = (stack.enter_context(closing(end)) for end in socket.socketpair())
    _, client, _ = tcp_pair(stack)
    selector = stack.enter_context(closing(select.epoll()))

    def seen(timeout):
        fresh = ChannelReader(os.getpid(), -1, lambda address: False, is_main=True)  # readings serve for a while
        call = "epoll_wait" if "epoll_wait" in NUMBERS else "epoll_pwait"
        return fresh.read(line(call, selector.fileno(), 0x7000, 5, timeout)).kind

    assert (seen(100), seen(NEVER)) == (Kind.TIMER, Kind.EVENT_LOOP_IDLE)
    selector.register(wake.fileno(), select.EPOLLIN)
    assert (seen(100), seen(NEVER)) == (Kind.EVENT_LOOP_TIMER, Kind.EVENT_LOOP_IDLE)
    listening = stack.enter_context(closing(socket.create_server(("127.0.0.1", 0))))
    selector.register(listening.fileno(), select.EPOLLIN)
    assert (seen(100), seen(NEVER)) == (Kind.LISTENER, Kind.LISTENER)
    selector.unregister(listening.fileno())
    counter = os.eventfd(0)
    stack.callback(os.close, counter)
    selector.register(counter, select.EPOLLIN)
    assert (seen(100), seen(NEVER)) == (Kind.WAKE_UP_TIMER, Kind.WAKE_UP)
    pipe, _ = (stack.enter_context(closing(end)) for end in socket.socketpair())
    selector.register(pipe.fileno(), select.EPOLLIN)
    assert seen(100) not in (Kind.WAKE_UP_TIMER, Kind.EVENT_LOOP_TIMER)  # one of the two is not its own
    selector.register(client.fileno(), select.EPOLLIN)
    assert (seen(100), seen(NEVER)) == (Kind.INTERNET, Kind.INTERNET)


# -- programs that really block -------------------------------------------------------------------------------------

TCP = """
import socket
listener = socket.create_server(("127.0.0.1", 0))
client = socket.create_connection(listener.getsockname())
server, _ = listener.accept()
"""
FULL = """
import socket
full = socket.create_server(("127.0.0.1", 0), backlog=0)
others = []
for _ in range(3):
    one = socket.socket()
    one.setblocking(False)
    one.connect_ex(full.getsockname())
    others.append(one)
"""
READY = "\nprint('ready', flush=True)\n"

PROGRAMS = {
    "sleep": ("import time", "time.sleep(50)", {"clock_nanosleep"}, Kind.TIMER),
    "pipe": ("import os; r, w = os.pipe()", "os.read(r, 1)", {"read"}, Kind.PIPE),
    "full pipe": ("import os; r, w = os.pipe()", "os.write(w, bytes(1 << 20))", {"write"}, Kind.PIPE),
    "socket pair": (
        "import socket; a, b = socket.socketpair()",
        "a.recv(1)",
        {"recvfrom"},
        Kind.UNIX_SOCKET,
    ),
    "connection": (TCP, "client.recv(1)", {"recvfrom"}, Kind.INTERNET),
    "slow reader": (TCP, "client.sendall(bytes(1 << 26))", {"sendto"}, Kind.INTERNET),
    "timed out": (TCP + "client.settimeout(50)", "client.recv(1)", {"poll", "ppoll"}, Kind.INTERNET),
    "accept": (TCP, "listener.accept()", {"accept4", "accept"}, Kind.LISTENER),
    "connect": (
        FULL,
        "socket.create_connection(full.getsockname())",
        {"connect"},
        Kind.INTERNET,
    ),
    "select": (TCP + "import select", "select.select([client], [], [])", {"select", "pselect6"}, Kind.INTERNET),
    "select as sleep": (
        "import select",
        "select.select([], [], [], 50)",
        {"select", "pselect6"},
        Kind.TIMER,
    ),
    "poll": (
        "import os, select; r, w = os.pipe(); p = select.poll(); p.register(r)",
        "p.poll()",
        {"poll", "ppoll"},
        Kind.PIPE,
    ),
    "epoll": (
        TCP + "import select; e = select.epoll(); e.register(client, select.EPOLLIN)",
        "e.poll()",
        {"epoll_wait", "epoll_pwait"},
        Kind.INTERNET,
    ),
    "asyncio sleep": (
        "import asyncio",
        "asyncio.run(asyncio.sleep(50))",
        {"epoll_wait", "epoll_pwait"},
        Kind.EVENT_LOOP_TIMER,
    ),
    "asyncio future": (
        "import asyncio\nasync def wait(): await asyncio.Future()",
        "asyncio.run(wait())",
        {"epoll_wait", "epoll_pwait"},
        Kind.EVENT_LOOP_IDLE,
    ),
    "lock": (
        "import _thread; l = _thread.allocate_lock(); l.acquire()",
        "l.acquire()",
        {"futex"},
        Kind.FUTEX,
    ),
    "timed lock": (
        "import _thread; l = _thread.allocate_lock(); l.acquire()",
        "l.acquire(True, 50)",
        {"futex"},
        Kind.TIMED_FUTEX,
    ),
    "shared semaphore": (
        "import multiprocessing; s = multiprocessing.Semaphore(0)",
        "s.acquire()",
        {"futex"},
        Kind.SHARED_FUTEX,
    ),
    "child": (
        "import subprocess, sys; c = subprocess.Popen(['sleep', '50'])\nimport atexit; atexit.register(c.kill)",
        "c.wait()",
        {"wait4", "waitid"},
        Kind.CHILD,
    ),
    "signal": ("import signal", "signal.pause()", {"pause", "rt_sigsuspend", "ppoll"}, Kind.EVENT_LOOP_IDLE),
    "file lock": (
        "import fcntl, sys; f = open(sys.argv[1], 'w')",
        "fcntl.flock(f, fcntl.LOCK_EX)",
        {"flock"},
        Kind.FILE,
    ),
    "named pipe": (
        "import os, sys; os.mkfifo(sys.argv[1] + '.fifo'); f = os.open(sys.argv[1] + '.fifo', os.O_RDWR)",
        "os.read(f, 1)",
        {"read"},
        Kind.PIPE,
    ),
}


def blocked_in(pid, calls, wait_for, thread=None):
    """The line of a thread once it has settled in one of these calls."""

    def settled():
        path = f"/proc/{pid}/task/{thread or pid}/syscall"
        lines = []
        for _ in range(2):
            with open(path, "rb") as file:
                lines.append(file.read())
            time.sleep(0.02)
        name = table().get(int(lines[0].split()[0])) if lines[0][:1].isdigit() else None
        return lines[0] if name in calls and lines[0] == lines[1] else None

    return wait_for(settled, f"{pid} in {calls}")


@pytest.mark.parametrize("name", PROGRAMS)
def test_what_a_program_is_blocked_in(start, wait_for, tmp_path, name):
    before, blocking, calls, kind = PROGRAMS[name]
    path = tmp_path / "locked"
    with path.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        process = start(before + READY + blocking, str(path))
        text = blocked_in(process.pid, calls, wait_for)
        memory = os.open(f"/proc/{process.pid}/mem", os.O_RDONLY)
        try:
            channel = ChannelReader(process.pid, memory, lambda address: False, is_main=True).read(text)
        finally:
            os.close(memory)
    assert channel.kind is kind, channel
    if name in ("connection", "slow reader", "timed out", "select", "epoll"):
        assert channel.target.startswith("127.0.0.1:")
    if name == "child":
        assert channel.target == "sleep 50"
        process.send_signal(signal.SIGINT)  # it ends its child
        process.wait(10)
    if name == "file lock":
        assert channel.target == str(path)


@pytest.mark.parametrize("is_main", [True, False])
def test_a_pipe_on_descriptor_0_is_the_input_of_the_main_process_alone(start, wait_for, is_main):
    process = start("print('ready', flush=True); import sys; sys.stdin.read()", stdin=subprocess.PIPE)
    text = blocked_in(process.pid, {"read"}, wait_for)
    channel = ChannelReader(process.pid, -1, lambda address: False, is_main=is_main).read(text)
    process.stdin.close()
    assert channel.kind is (Kind.STANDARD_INPUT if is_main else Kind.PIPE)


def test_a_program_that_reads_from_its_terminal(start, wait_for):
    far, near = pty.openpty()
    process = start("print('ready', flush=True); open('/dev/stdin').readline()", stdin=near)
    text = blocked_in(process.pid, {"read"}, wait_for)
    channel = ChannelReader(process.pid, -1, lambda address: False, is_main=False).read(text)
    os.close(far)
    os.close(near)
    assert channel.kind is Kind.TERMINAL


def test_a_stopped_program_is_paused_not_reading_memory_from_disk(start, wait_for):
    process = start("print('ready', flush=True)\nwhile True: pass")
    time.sleep(0.1)  # out of the call that wrote the line
    process.send_signal(signal.SIGSTOP)

    def line_of():
        with open(f"/proc/{process.pid}/syscall", "rb") as file:
            text = file.read()
        return text if text.startswith(b"-1 ") else None

    reader = ChannelReader(process.pid, -1, lambda address: False, is_main=True)
    assert reader.read(wait_for(line_of, "the stop")).kind is Kind.PAUSED
    assert ChannelReader(os.getpid(), -1, lambda address: False, is_main=True).read(b"-1 0x1 0x2\n") == Channel(
        "page fault", Kind.FILE
    )


@pytest.fixture
def by_tables():
    """A reader on a kernel that lends no descriptors."""
    reader = ChannelReader(os.getpid(), -1, lambda address: False, is_main=True)
    reader._sockets.close()
    return reader


def test_the_peer_of_a_connection_is_known_at_once_and_the_socket_is_left_as_it_was(reader, stack):
    before = sorted(os.listdir("/proc/self/fd"))
    for _ in range(3):
        _, client, _ = tcp_pair(stack)
        host, port = client.getpeername()
        client.setblocking(False)
        assert reader.read(line("recvfrom", client.fileno())) == Channel("recvfrom", Kind.INTERNET, f"{host}:{port}")
        assert not client.getblocking() and not os.get_blocking(client.fileno())
    held = len(os.listdir("/proc/self/fd")) - len(before)
    assert held == 3 * 3 + 1  # the sockets of the test, and one descriptor for the process
    reader.close()
    assert len(os.listdir("/proc/self/fd")) - len(before) == 3 * 3


@pytest.mark.parametrize("address", ["::1", "::ffff:127.0.0.1"])
def test_peers_by_the_sixth_protocol(reader, stack, address):
    family = socket.AF_INET6
    try:
        listener = stack.enter_context(socket.create_server(("::", 0), family=family, dualstack_ipv6=True))
    except OSError:
        pytest.skip("no IPv6 here")
    port = listener.getsockname()[1]
    client = stack.enter_context(closing(socket.socket(family)))
    client.connect((address, port))
    expected = f"[::1]:{port}" if address == "::1" else f"127.0.0.1:{port}"
    assert reader.read(line("recvfrom", client.fileno())).target == expected


def test_a_descriptor_that_is_gone_or_no_socket_asks_in_vain(stack):
    peers = SocketPeers(os.getpid())
    with open(os.devnull, "rb") as file:
        assert peers.channel(file.fileno()) is None
    assert peers.channel(1 << 20) is None
    peers.close()
    assert peers.channel(0) is None


def test_peers_are_looked_up_again_for_a_connection_that_is_new(by_tables, stack):
    reader = by_tables
    _, first, _ = tcp_pair(stack)
    assert reader.read(line("recvfrom", first.fileno())).target
    _, second, _ = tcp_pair(stack)
    assert not reader.read(line("recvfrom", second.fileno())).target
    reader._sockets._next_ns = time.monotonic_ns()  # the pause is over
    assert reader.read(line("recvfrom", second.fileno())).target


def test_a_socket_that_is_newer_than_the_tables_is_of_its_own_kind(by_tables, stack):
    """A fork server is asked over a new Unix socket for every process: no network has to do with it."""
    reader = by_tables
    reader._sockets._refresh()
    pair = [stack.enter_context(end) for end in socket.socketpair()]
    assert reader.read(line("recvfrom", pair[0].fileno())).kind is Kind.UNIX_SOCKET
    _, client, _ = tcp_pair(stack)
    assert reader.read(line("recvfrom", client.fileno())).kind is Kind.INTERNET


def test_peers_are_not_looked_up_all_the_time(by_tables, stack):
    """The tables of all sockets are dear on a machine with many."""
    reader = by_tables
    begun_ns = time.monotonic_ns()
    reader._sockets._refresh()
    ended_ns = time.monotonic_ns()
    pause_ns = reader._sockets._next_ns - ended_ns
    assert pause_ns > 50_000_000
    assert pause_ns < 500 * (ended_ns - begun_ns) + 100_000_000
    _, client, _ = tcp_pair(stack)
    assert reader.read(line("recvfrom", client.fileno())) == Channel("recvfrom", Kind.INTERNET, "")
