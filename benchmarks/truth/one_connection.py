"""Three threads share one connection under a lock: two of them always wait for the third's answer."""

import itertools
import socket
import threading
import time

from _ledger import answering_after, ask, settle

ROUNDS = 60
turn = threading.Lock()


def talk(client: socket.socket) -> None:
    for _ in range(ROUNDS):
        with turn:
            ask(client)
        time.sleep(0.001)  # a lock is not fair: give the others the chance


with answering_after(itertools.repeat(0.028)) as (connection,):
    threads = [threading.Thread(target=talk, args=(connection,), name=f"talker {n}") for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
settle(
    {"wait_network": 1},
    ["lock", "io"],
    threads={thread.name: {"wait_network": 1 / 3, "wait_lock": 2 / 3} for thread in threads},
    tolerance=0.12,
)
