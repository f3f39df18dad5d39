"""A selector over eight connections with far sides of one speed, as an old-style server loop has it."""

import itertools
import selectors

from _ledger import Ledger, answering_after, compute

ledger = Ledger()
with answering_after(itertools.repeat(0.1), count=8) as clients, selectors.DefaultSelector() as selector:
    for client in clients:
        selector.register(client, selectors.EVENT_READ)
    for _ in range(45):
        for client in clients:
            client.sendall(b"please")
        waiting = set(clients)
        while waiting:
            with ledger.spend("wait_network"):
                ready = selector.select()
            for key, _ in ready:
                client = key.fileobj
                client.recv(256)
                waiting.discard(client)
        with ledger.spend("cpu_python"):
            compute(0.03)
ledger.settle(["io"])
