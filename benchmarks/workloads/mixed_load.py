"""Two threads that compute, hash, ask a local server and sleep by turns: a recording with many short episodes."""

import hashlib
import os
import socket
import sys
import threading
import time

from _measured import measured_work
from _work import fibonacci

SECONDS = float(sys.argv[1]) if len(sys.argv) > 1 else 5.0
BLOCK = b"block" * 200_000


def serve(listener: socket.socket) -> None:
    connection, _ = listener.accept()
    while connection.recv(16):
        time.sleep(0.004)
        connection.sendall(b"answer")
    os._exit(0)


def ask_hash_and_rest(address: tuple[str, int], end: float) -> None:
    with socket.create_connection(address) as client:
        while time.perf_counter() < end:
            fibonacci(14)
            hashlib.sha256(BLOCK).digest()
            client.sendall(b"question")
            client.recv(16)
            time.sleep(0.003)


def start_server() -> tuple[str, int]:
    listener = socket.create_server(("127.0.0.1", 0))
    if os.fork() == 0:
        serve(listener)
    address = listener.getsockname()
    listener.close()
    return address


with measured_work():
    addresses = [start_server(), start_server()]
    until = time.perf_counter() + SECONDS
    threads = [threading.Thread(target=ask_hash_and_rest, args=(address, until)) for address in addresses]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
