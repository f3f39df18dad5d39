"""Standard library: calls that wait."""

import concurrent.futures
import ctypes
import fcntl
import ftplib
import functools
import http.client
import imaplib
import multiprocessing
import multiprocessing.connection
import os
import poplib
import queue
import sched
import select
import selectors
import signal
import smtplib
import socket
import socketserver
import ssl
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from contextlib import suppress

from catalogue_probes.stage import Act, Probe, Stage

NAP = 0.015


def tolerant(call: Callable[..., object], *arguments: object, **named: object) -> Act:
    """A call whose failure is part of the wait: a time-out, a peer that hangs up."""

    def act() -> None:
        with suppress(Exception):
            call(*arguments, **named)

    return (act,)


def _answered(stage: Stage, call: Callable[[socket.socket], object]) -> Act:
    peer = stage.connected()

    def act() -> None:
        peer.sendall(b"hello\n")
        call(peer)

    return (act,)


def _later(call: Callable[[], object]) -> Callable[[], None]:
    """Have something done after a while by a thread that is asleep until then."""
    return threading.Timer(NAP, call).start


def _locked(lock: object, release: Callable[[], object] | None = None) -> Act:
    """Acquire what somebody has, until it is given back."""

    def act() -> None:
        lock.acquire()  # type: ignore[attr-defined]
        _later(release or lock.release)()  # type: ignore[attr-defined]
        lock.acquire()  # type: ignore[attr-defined]
        lock.release()  # type: ignore[attr-defined]

    return (act,)


def _held_elsewhere(lock: object) -> Act:
    """Acquire a lock that another thread holds for a while: only its owner can give it back."""

    def own(ready: threading.Event) -> None:
        with lock:  # type: ignore[attr-defined]
            ready.set()
            time.sleep(NAP)

    def act() -> None:
        ready = threading.Event()
        threading.Thread(target=own, args=(ready,)).start()
        ready.wait()
        with lock:  # type: ignore[attr-defined]
            pass

    return (act,)


def _event_wait(event: object) -> Act:
    return (functools.partial(event.wait, NAP),)  # type: ignore[attr-defined]


def _condition(condition: object, method: str = "wait") -> Act:
    def act() -> None:
        with condition:  # type: ignore[attr-defined]
            if method == "wait":
                condition.wait(NAP)  # type: ignore[attr-defined]
            else:
                condition.wait_for(lambda: False, NAP)  # type: ignore[attr-defined]

    return (act,)


def _full() -> "queue.Queue[int]":
    full: queue.Queue[int] = queue.Queue(1)
    full.put(1)
    return full


def _finish(pool: concurrent.futures.Executor) -> Callable[[], None]:
    return lambda: pool.submit(time.sleep, NAP).result()


def _pooled(stage: Stage) -> concurrent.futures.ThreadPoolExecutor:
    pool = concurrent.futures.ThreadPoolExecutor(1)
    stage.keep(_Closing(pool.shutdown))
    return pool


class _Closing:
    def __init__(self, close: Callable[[], object]) -> None:
        self.close = close


def _flock(stage: Stage, lock: Callable[[int, int], object]) -> Act:
    path = stage.file(b"x")
    code = (
        f"import fcntl, sys, time\nfile = open({path!r}, 'r+')\nwhile sys.stdin.readline():\n"
        f" fcntl.{lock.__name__}(file, 2); print(1, flush=True); time.sleep({NAP}); fcntl.{lock.__name__}(file, 8)"
    )
    child = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    stage.keep(_Closing(lambda: child.communicate()))
    file = os.open(path, os.O_RDWR)
    stage.keep(_Closing(lambda: os.close(file)))

    def act() -> None:
        child.stdin.write("\n")  # type: ignore[union-attr]
        child.stdin.flush()  # type: ignore[union-attr]
        child.stdout.readline()  # type: ignore[union-attr]
        lock(file, fcntl.LOCK_EX)
        lock(file, fcntl.LOCK_UN)

    return (act,)


def _polled(make: Callable[[], object], register: str, wait: str, unit: float) -> Act:
    poller = make()
    ends = socket.socketpair()
    getattr(poller, register)(ends[0], 1)

    def act() -> object:
        return getattr(poller, wait)(NAP * unit), ends  # an end that is thrown away would wake the other

    return (act,)


def _connection(call: str) -> Act:
    near, far = multiprocessing.Pipe()

    def act() -> None:
        if call == "poll":
            near.poll(NAP)
            return
        _later(lambda: far.send(b"x" * 10) if call == "recv" else far.send_bytes(b"x"))()
        getattr(near, call)()

    return (act,)


def _sent(call: str) -> Act:
    near, far = multiprocessing.Pipe()
    big = b"x" * 30_000_000

    def take() -> None:
        time.sleep(0.01)
        far.recv_bytes()

    def act() -> None:
        thread = threading.Thread(target=take)
        thread.start()
        getattr(near, call)(big)
        thread.join()

    return (act,)


def _child(*, seconds: float = NAP) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(["sleep", str(seconds)])


def _waited(wait: Callable[[int], object]) -> Act:
    def act() -> None:
        child = os.spawnlp(os.P_NOWAIT, "sleep", "sleep", str(NAP))
        wait(child)

    return (act,)


def _process(stage: Stage) -> Act:
    def act() -> None:
        process = multiprocessing.get_context("fork").Process(target=time.sleep, args=(NAP,))
        process.start()
        process.join()

    return (act,)


def _smtp(stage: Stage) -> smtplib.SMTP:
    return stage.keep(smtplib.SMTP("127.0.0.1", stage.ports["smtp"], local_hostname="here"))


def _ftp(stage: Stage) -> ftplib.FTP:
    client = stage.keep(ftplib.FTP())
    client.connect("127.0.0.1", stage.ports["ftp"])
    return client


def _request(stage: Stage) -> Act:
    peer = stage.keep(http.client.HTTPConnection("127.0.0.1", stage.ports["http"]))

    def act() -> None:
        peer.request("GET", "/")
        peer.getresponse().read()

    return (act,)


def _barrier() -> Act:
    barrier = threading.Barrier(2)

    def act() -> None:
        _later(lambda: barrier.wait(5))()
        barrier.wait(5)

    return (act,)


def _thread_join() -> None:
    thread = threading.Thread(target=time.sleep, args=(NAP,))
    thread.start()
    thread.join()


def _queue_join() -> None:
    work: queue.Queue[int] = queue.Queue()
    work.put(1)
    _later(work.task_done)()
    work.join()


def _signal(wait: Callable[[], object]) -> Act:
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])

    def act() -> None:
        _later(lambda: os.kill(os.getpid(), signal.SIGUSR1))()
        wait()

    return (act,)


def _served() -> None:
    server = socketserver.TCPServer(("127.0.0.1", 0), socketserver.BaseRequestHandler)
    server.timeout = NAP
    server.handle_request()
    server.server_close()


def _loop(stage: Stage) -> Act:
    import asyncio

    return (lambda: asyncio.run(asyncio.sleep(NAP)),)


def _futures() -> list["concurrent.futures.Future[None]"]:
    future: concurrent.futures.Future[None] = concurrent.futures.Future()
    _later(lambda: future.set_result(None))()
    return [future]


USR1 = {signal.SIGUSR1}
PROBES: dict[str, Probe] = {
    "time.sleep": lambda s: (time.sleep, NAP),
    "signal.sigwait": lambda s: _signal(lambda: signal.sigwait(USR1)),
    "signal.sigwaitinfo": lambda s: _signal(lambda: signal.sigwaitinfo(USR1)),
    "signal.sigtimedwait": lambda s: (signal.sigtimedwait, [signal.SIGUSR2], NAP),
    "sched.scheduler.run": lambda s: (lambda: (one := sched.scheduler(), one.enter(NAP, 1, len, ((),)), one.run()),),
    "threading.Lock.acquire": lambda s: _locked(threading.Lock()),
    "threading.RLock.acquire": lambda s: _held_elsewhere(threading.RLock()),
    "threading.Semaphore.acquire": lambda s: _locked(threading.Semaphore()),
    "threading.BoundedSemaphore.acquire": lambda s: _locked(threading.BoundedSemaphore()),
    "threading.Condition.acquire": lambda s: _held_elsewhere(threading.Condition()),
    "threading.Condition.wait": lambda s: _condition(threading.Condition()),
    "threading.Condition.wait_for": lambda s: _condition(threading.Condition(), "wait_for"),
    "threading.Event.wait": lambda s: _event_wait(threading.Event()),
    "threading.Barrier.wait": lambda s: _barrier(),
    "threading.Thread.join": lambda s: (_thread_join,),
    "queue.Queue.get": lambda s: tolerant(queue.Queue().get, timeout=NAP),
    "queue.Queue.put": lambda s: tolerant(_full().put, 1, timeout=NAP),
    "queue.Queue.join": lambda s: (_queue_join,),
    "queue.LifoQueue.get": lambda s: tolerant(queue.LifoQueue().get, timeout=NAP),
    "queue.PriorityQueue.get": lambda s: tolerant(queue.PriorityQueue().get, timeout=NAP),
    "queue.SimpleQueue.get": lambda s: tolerant(queue.SimpleQueue().get, timeout=NAP),
    "multiprocessing.Lock.acquire": lambda s: _locked(multiprocessing.Lock()),
    "multiprocessing.RLock.acquire": lambda s: _held_elsewhere(multiprocessing.RLock()),
    "multiprocessing.Semaphore.acquire": lambda s: _locked(multiprocessing.Semaphore()),
    "multiprocessing.Condition.wait": lambda s: _condition(multiprocessing.Condition()),
    "multiprocessing.Event.wait": lambda s: _event_wait(multiprocessing.Event()),
    "multiprocessing.Queue.get": lambda s: tolerant(multiprocessing.Queue().get, timeout=NAP),
    "multiprocessing.connection.Connection.poll": lambda s: _connection("poll"),
    "multiprocessing.connection.Connection.recv": lambda s: _connection("recv"),
    "multiprocessing.connection.Connection.recv_bytes": lambda s: _connection("recv_bytes"),
    "multiprocessing.connection.Connection.send_bytes": lambda s: _sent("send_bytes"),
    "multiprocessing.Process.join": _process,
    "concurrent.futures.Future.result": lambda s: (_finish(_pooled(s)),),
    "concurrent.futures.Future.exception": lambda s: (lambda: _futures()[0].exception(),),
    "concurrent.futures.wait": lambda s: (lambda: concurrent.futures.wait(_futures()),),
    "concurrent.futures.as_completed": lambda s: (lambda: list(concurrent.futures.as_completed(_futures())),),
    "concurrent.futures.ThreadPoolExecutor.map": lambda s: (
        lambda pool: list(pool.map(time.sleep, [NAP])),
        _pooled(s),
    ),
    "asyncio.run": _loop,
    "fcntl.flock": lambda s: _flock(s, fcntl.flock),
    "fcntl.lockf": lambda s: _flock(s, fcntl.lockf),
    "select.select": lambda s: (select.select, [], [], [], NAP),
    "select.poll.poll": lambda s: _polled(select.poll, "register", "poll", 1000),
    "select.epoll.poll": lambda s: _polled(select.epoll, "register", "poll", 1),
    "selectors.DefaultSelector.select": lambda s: _polled(selectors.DefaultSelector, "register", "select", 1),
    "selectors.SelectSelector.select": lambda s: _polled(selectors.SelectSelector, "register", "select", 1),
    "selectors.PollSelector.select": lambda s: _polled(selectors.PollSelector, "register", "select", 1),
    "selectors.EpollSelector.select": lambda s: _polled(selectors.EpollSelector, "register", "select", 1),
    "socket.socket.recv": lambda s: _answered(s, lambda peer: peer.recv(100)),
    "socket.socket.recv_into": lambda s: _answered(s, lambda peer: peer.recv_into(bytearray(100))),
    "socket.socket.recvfrom": lambda s: _answered(s, lambda peer: peer.recvfrom(100)),
    "socket.socket.recvfrom_into": lambda s: _answered(s, lambda peer: peer.recvfrom_into(bytearray(100))),
    "socket.socket.recvmsg": lambda s: _answered(s, lambda peer: peer.recvmsg(100)),
    "socket.socket.recvmsg_into": lambda s: _answered(s, lambda peer: peer.recvmsg_into([bytearray(100)])),
    "socket.socket.accept": lambda s: tolerant(_listening(s).accept),
    "socket.getaddrinfo": lambda s: tolerant(socket.getaddrinfo, "no-such-name.invalid", 80),
    "socket.gethostbyname": lambda s: tolerant(socket.gethostbyname, "no-such-name.invalid"),
    "socket.gethostbyname_ex": lambda s: tolerant(socket.gethostbyname_ex, "no-such-name.invalid"),
    "ssl.create_default_context": lambda s: (ssl.create_default_context,),
    "http.client.HTTPConnection.request": _request,
    "http.client.HTTPConnection.getresponse": _request,
    "http.client.HTTPResponse.read": _request,
    "urllib.request.urlopen": lambda s: (lambda url: urllib.request.urlopen(url).read(), s.url),
    "urllib.request.urlretrieve": lambda s: (urllib.request.urlretrieve, s.url, str(s.folder / "got")),
    "smtplib.SMTP": lambda s: (lambda: _smtp(s),),
    "smtplib.SMTP.ehlo": lambda s: (_smtp(s).ehlo,),
    "smtplib.SMTP.noop": lambda s: (_smtp(s).noop,),
    "smtplib.SMTP.sendmail": lambda s: (_smtp(s).sendmail, "a@b.example", ["c@d.example"], "hello"),
    "ftplib.FTP.connect": lambda s: (lambda: _ftp(s),),
    "ftplib.FTP.login": lambda s: (_ftp(s).login,),
    "ftplib.FTP.pwd": lambda s: (_ftp(s).pwd,),
    "ftplib.FTP.voidcmd": lambda s: (_ftp(s).voidcmd, "NOOP"),
    "poplib.POP3": lambda s: (lambda: s.keep(poplib.POP3("127.0.0.1", s.ports["pop"])),),
    "poplib.POP3.stat": lambda s: (s.keep(poplib.POP3("127.0.0.1", s.ports["pop"])).stat,),
    "imaplib.IMAP4": lambda s: (lambda: imaplib.IMAP4("127.0.0.1", s.ports["imap"]),),
    "imaplib.IMAP4.noop": lambda s: (imaplib.IMAP4("127.0.0.1", s.ports["imap"]).noop,),
    "imaplib.IMAP4.login": lambda s: tolerant(lambda: imaplib.IMAP4("127.0.0.1", s.ports["imap"]).login("a", "b")),
    "socketserver.BaseServer.handle_request": lambda s: (_served,),
    "subprocess.run": lambda s: (subprocess.run, ["sleep", str(NAP)]),
    "subprocess.call": lambda s: (subprocess.call, ["sleep", str(NAP)]),
    "subprocess.check_call": lambda s: (subprocess.check_call, ["sleep", str(NAP)]),
    "subprocess.check_output": lambda s: (subprocess.check_output, ["sleep", str(NAP)]),
    "subprocess.getoutput": lambda s: (subprocess.getoutput, f"sleep {NAP}"),
    "subprocess.getstatusoutput": lambda s: (subprocess.getstatusoutput, f"sleep {NAP}"),
    "subprocess.Popen.wait": lambda s: (lambda: _child().wait(),),
    "subprocess.Popen.communicate": lambda s: (lambda: _child().communicate(),),
    "os.system": lambda s: (os.system, f"sleep {NAP}"),
    "os.waitpid": lambda s: _waited(lambda child: os.waitpid(child, 0)),
    "os.wait4": lambda s: _waited(lambda child: os.wait4(child, 0)),
    "os.waitid": lambda s: _waited(lambda child: os.waitid(os.P_PID, child, os.WEXITED)),
    "os.spawnvp": lambda s: (os.spawnvp, os.P_WAIT, "sleep", ["sleep", str(NAP)]),
    "os.spawnlp": lambda s: (os.spawnlp, os.P_WAIT, "sleep", "sleep", str(NAP)),
    "ctypes.CDLL.*": lambda s: (ctypes.CDLL(None).usleep, int(NAP * 1e6)),
    "ctypes.PyDLL.*": lambda s: (ctypes.PyDLL(None).usleep, int(NAP * 1e6)),
}


def _listening(stage: Stage) -> socket.socket:
    door = stage.keep(socket.create_server(("127.0.0.1", 0)))
    door.settimeout(NAP)
    return door
