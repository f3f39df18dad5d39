"""Talks over a Unix socket to a process that takes its time."""

import os
import socket
import time

from _ledger import Ledger, ask, compute, in_child


def serve() -> None:
    near.close()
    while far.recv(256):
        time.sleep(0.06)
        far.sendall(b"done")


ledger = Ledger()
near, far = socket.socketpair()
server = in_child(serve)
far.close()
for _ in range(60):
    with ledger.spend("wait_ipc"):
        ask(near)
    with ledger.spend("cpu_python"):
        compute(0.02)
near.close()
os.waitpid(server, 0)
ledger.settle(["io", "sleep", "mixed"], scope="MainThread")
