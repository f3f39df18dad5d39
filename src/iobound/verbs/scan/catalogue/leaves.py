"""Calls of the standard library at which a thread really waits, below every name that a user would know.

`SocketIO.readinto` calls `self._sock.recv_into`: no name in that line says "network". Where no system call can be seen,
such a leaf decides the kind of wait.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from iobound.model.origin import is_own_code

# module, function, callee as spelled there ("*": any), what it is, category. Functions end in "*" where any may follow.
# Names are those of 3.11 to 3.15; a line for a name that a version does not have does no harm.
_TABLE = """
socket  SocketIO.readinto  self._sock.recv_into  socket.socket.recv_into  network
socket  SocketIO.write  self._sock.send  socket.socket.send  network
socket  socket.accept  self._accept  socket.socket.accept  network
socket  create_connection  sock.connect  socket.socket.connect  network
socket  getaddrinfo  _socket.getaddrinfo  socket.getaddrinfo  dns
socket  getfqdn  gethostbyaddr  socket.gethostbyaddr  dns
socket  socket._sendfile_use_sendfile  os_sendfile  os.sendfile  network
socket  socket._sendfile_zerocopy  zerocopy_func  os.sendfile  network
ssl  SSLSocket.read  self._sslobj.read  ssl.SSLSocket.read  network
ssl  SSLSocket.write  self._sslobj.write  ssl.SSLSocket.write  network
ssl  SSLSocket.send  self._sslobj.write  ssl.SSLSocket.send  network
ssl  SSLSocket.send  super().send  socket.socket.send  network
ssl  SSLSocket.sendto  super().sendto  socket.socket.sendto  network
ssl  SSLSocket.sendall  super().sendall  socket.socket.sendall  network
ssl  SSLSocket.recv  super().recv  socket.socket.recv  network
ssl  SSLSocket.recv_into  super().recv_into  socket.socket.recv_into  network
ssl  SSLSocket.recvfrom  super().recvfrom  socket.socket.recvfrom  network
ssl  SSLSocket.recvfrom_into  super().recvfrom_into  socket.socket.recvfrom_into  network
ssl  SSLSocket.do_handshake  self._sslobj.do_handshake  ssl.SSLSocket.do_handshake  network
ssl  SSLSocket.unwrap  self._sslobj.shutdown  ssl.SSLSocket.unwrap  network
ssl  SSLSocket.accept  super().accept  socket.socket.accept  network
ssl  SSLSocket._real_connect  super().connect  socket.socket.connect  network
ssl  SSLSocket._real_connect  super().connect_ex  socket.socket.connect_ex  network
ssl  SSLContext.load_default_certs  self.set_default_verify_paths  ssl.SSLContext.set_default_verify_paths  disk
subprocess  Popen._execute_child  _fork_exec  subprocess.Popen  subprocess
subprocess  Popen._execute_child  _posixsubprocess.fork_exec  subprocess.Popen  subprocess
subprocess  Popen._execute_child  os.read  subprocess.Popen  subprocess
subprocess  Popen._execute_child  os.waitpid  subprocess.Popen.wait  subprocess
subprocess  Popen._execute_child  _winapi.CreateProcess  subprocess.Popen  subprocess
subprocess  Popen._posix_spawn  os.posix_spawn  subprocess.Popen  subprocess
subprocess  Popen._try_wait  os.waitpid  subprocess.Popen.wait  subprocess
subprocess  Popen._internal_poll  _waitpid  subprocess.Popen.poll  subprocess
subprocess  Popen._wait  _winapi.WaitForSingleObject  subprocess.Popen.wait  subprocess
subprocess  Popen._wait  time.sleep  subprocess.Popen.wait  subprocess
subprocess  Popen.communicate  self.stdout.read  subprocess.Popen.communicate  ipc
subprocess  Popen.communicate  self.stderr.read  subprocess.Popen.communicate  ipc
subprocess  Popen._communicate  os.read  subprocess.Popen.communicate  ipc
subprocess  Popen._communicate  os.write  subprocess.Popen.communicate  ipc
subprocess  _communicate_io_posix  os.read  subprocess.Popen.communicate  ipc
subprocess  _communicate_io_posix  os.write  subprocess.Popen.communicate  ipc
subprocess  Popen._wait_pidfd  poller.poll  subprocess.Popen.wait  subprocess
subprocess  Popen._readerthread  fh.read  subprocess.Popen.communicate  ipc
subprocess  Popen._stdin_write  self.stdin.write  subprocess.Popen.communicate  ipc
subprocess  Popen._stdin_write  self.stdin.close  subprocess.Popen.communicate  ipc
threading  Condition.wait  waiter.acquire  threading.Condition.wait  lock
threading  Condition.wait  self._acquire_restore  threading.Condition.wait  lock
threading  Condition._acquire_restore  self._lock.acquire  threading.Condition.wait  lock
threading  Condition.__enter__  self._lock.__enter__  threading.Condition.acquire  lock
threading  Semaphore.acquire  self._cond.__enter__  threading.Semaphore.acquire  lock
threading  _RLock.acquire  self._block.acquire  threading.RLock.acquire  lock
threading  _RLock._acquire_restore  self._block.acquire  threading.RLock.acquire  lock
threading  Thread._wait_for_tstate_lock  lock.acquire  threading.Thread.join  lock
threading  Thread._wait_for_tstate_lock  self._tstate_lock.acquire  threading.Thread.join  lock
threading  Thread.join  self._handle.join  threading.Thread.join  lock
threading  Thread.join  self._os_thread_handle.join  threading.Thread.join  lock
threading  _shutdown  lock.acquire  threading.Thread.join  lock
threading  _shutdown  _thread_shutdown  threading.Thread.join  lock
threading  _shutdown  _main_thread._handle.join  threading.Thread.join  lock
logging  Handler.acquire  self.lock.acquire  threading.RLock.acquire  lock
logging  _acquireLock  _lock.acquire  threading.RLock.acquire  lock
queue  Queue.*  self.mutex.__enter__  queue.Queue.get  lock
queue  Queue.*  self.not_empty.__enter__  queue.Queue.get  lock
queue  Queue.*  self.not_full.__enter__  queue.Queue.put  lock
queue  _PySimpleQueue.get  self._count.acquire  queue.SimpleQueue.get  lock
selectors  *  self._selector.poll  selectors.BaseSelector.select  select
selectors  *  self._selector.control  selectors.BaseSelector.select  select
selectors  *  self._select  selectors.BaseSelector.select  select
selectors  SelectSelector._select  select.select  selectors.BaseSelector.select  select
asyncio.windows_events  IocpProactor._poll  _overlapped.GetQueuedCompletionStatus  asyncio.Proactor.select  select
multiprocessing.connection  Connection._send  write  multiprocessing.connection.Connection.send  ipc
multiprocessing.connection  Connection._recv  read  multiprocessing.connection.Connection.recv  ipc
multiprocessing.connection  SocketListener.accept  self._socket.accept  multiprocessing.connection.accept  ipc
multiprocessing.connection  SocketClient  s.connect  multiprocessing.connection.Client  ipc
multiprocessing.connection  PipeListener.accept  _winapi.WaitForMultipleObjects  multiprocessing.connection.accept  ipc
multiprocessing.connection  PipeClient  _winapi.WaitNamedPipe  multiprocessing.connection.Client  ipc
multiprocessing.connection  PipeConnection._send_bytes  *  multiprocessing.connection.Connection.send  ipc
multiprocessing.connection  PipeConnection._recv_bytes  *  multiprocessing.connection.Connection.recv  ipc
multiprocessing.connection  _exhaustive_wait  _winapi.WaitForMultipleObjects  multiprocessing.connection.wait  ipc
multiprocessing.queues  Queue.get  self._rlock.acquire  multiprocessing.Queue.get  ipc
multiprocessing.queues  Queue.put  self._sem.acquire  multiprocessing.Queue.put  ipc
multiprocessing.queues  JoinableQueue.put  self._sem.acquire  multiprocessing.Queue.put  ipc
multiprocessing.queues  Queue._feed  nwait  multiprocessing.Queue._feed  idle
multiprocessing.queues  Queue._feed  wacquire  multiprocessing.Queue.put  ipc
multiprocessing.synchronize  SemLock.__enter__  self._semlock.__enter__  multiprocessing.Lock.acquire  lock
multiprocessing.synchronize  Condition.__enter__  self._lock.__enter__  multiprocessing.Condition.acquire  lock
multiprocessing.synchronize  Condition.wait  self._wait_semaphore.acquire  multiprocessing.Condition.wait  lock
multiprocessing.synchronize  Condition.wait  self._lock.acquire  multiprocessing.Condition.wait  lock
multiprocessing.synchronize  Condition.notify  self._woken_count.acquire  multiprocessing.Condition.notify  lock
multiprocessing.popen_fork  Popen.poll  os.waitpid  multiprocessing.Process.join  subprocess
multiprocessing.popen_fork  Popen._launch  os.fork  multiprocessing.Process.start  subprocess
multiprocessing.popen_spawn_posix  Popen._launch  f.write  multiprocessing.Process.start  ipc
multiprocessing.util  spawnv_passfds  _posixsubprocess.fork_exec  multiprocessing.Process.start  subprocess
multiprocessing.popen_spawn_win32  Popen.wait  _winapi.WaitForSingleObject  multiprocessing.Process.join  subprocess
multiprocessing.forkserver  read_signed  read  multiprocessing.Process.join  subprocess
multiprocessing.forkserver  read_signed  os.read  multiprocessing.Process.join  subprocess
multiprocessing.forkserver  read_signed  os.readinto  multiprocessing.Process.join  subprocess
multiprocessing.pool  Pool._handle_tasks  iter  multiprocessing.pool.Pool._handle_tasks  idle
concurrent.futures.thread  _worker  work_queue.get  concurrent.futures.ThreadPoolExecutor._worker  idle
socketserver  BaseServer.serve_forever  selector.select  socketserver.BaseServer.serve_forever  idle
shutil  copyfileobj  fsrc_read  shutil.copyfileobj  disk
shutil  copyfileobj  fdst_write  shutil.copyfileobj  disk
shutil  _copyfileobj_readinto  fsrc_readinto  shutil.copyfileobj  disk
shutil  _copyfileobj_readinto  fdst_write  shutil.copyfileobj  disk
shutil  _fastcopy_sendfile  os.sendfile  shutil.copyfile  disk
shutil  _fastcopy_sendfile  posix._fcopyfile  shutil.copyfile  disk
urllib.request  urlretrieve  tfp.write  urllib.request.urlretrieve  disk
getpass  _raw_input  input.readline  getpass.getpass  stdin
cmd  Cmd.cmdloop  self.stdin.readline  cmd.Cmd.cmdloop  stdin
importlib._bootstrap  _ModuleLock.acquire  *  importlib.import_module  lock
importlib._bootstrap_external  FileLoader.get_data  *  importlib.import_module  disk
importlib._bootstrap_external  _path_stat  *  importlib.import_module  disk
importlib._bootstrap_external  FileFinder._fill_cache  *  importlib.import_module  disk
"""
_FROZEN = "<frozen "
_LIBRARY = r"(?i)/lib(?:64)?/(?:(?:python|pypy)\d[^/]*/)?|\.zip/"


class Leaf(NamedTuple):
    """A waiting call: what it amounts to, and the kind of wait."""

    name: str
    category: str


def leaf_at(file: str, function: str, callee: str | None) -> Leaf | None:
    """The wait at a place of the standard library.

    Args:
        file: Path of the place, or `<frozen os>` and the like.
        function: Qualified name of the function.
        callee: The callee as spelled at the place; None when the source could not be read.

    Returns:
        None when it is no known leaf, or when several are possible and the source is not there to choose.

    Example:
        >>> leaf_at("/usr/lib/python3.12/socket.py", "SocketIO.readinto", "self._sock.recv_into")
        Leaf(name='socket.socket.recv_into', category='network')
    """
    module = standard_module(file)
    table = _table()
    leaves = table.get((module, function)) or table.get((module, _any_of(function))) or table.get((module, "*"))
    if leaves is None:
        return None
    if callee is not None:
        return leaves.get(callee) or leaves.get("*")
    kinds = set(leaves.values())
    return next(iter(kinds)) if len(kinds) == 1 else None


def _any_of(function: str) -> str:
    return function.partition(".")[0] + ".*"


def standard_module(file: str) -> str:
    """Dotted name of the standard module in a file, `` when it is none.

    Example:
        >>> standard_module("/usr/lib/python3.12/concurrent/futures/thread.py"), standard_module("<frozen os>")
        ('concurrent.futures.thread', 'os')
        >>> standard_module("/home/ann/queue.py")
        ''
    """
    if file.startswith(_FROZEN):
        return file.removeprefix(_FROZEN).rstrip(">")
    if is_own_code(file):
        return ""
    inside = re.split(_LIBRARY, file.replace("\\", "/"))[-1]
    if inside.startswith(("/", "site-packages/", "dist-packages/")) or not inside.endswith(".py"):
        return ""
    return inside.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


@lru_cache(maxsize=1)
def _table() -> Mapping[tuple[str, str], Mapping[str, Leaf]]:
    table: dict[tuple[str, str], dict[str, Leaf]] = {}
    for line in _TABLE.strip().splitlines():
        module, function, callee, name, category = line.split()
        table.setdefault((module, function), {})[callee] = Leaf(name, category)
    return table
