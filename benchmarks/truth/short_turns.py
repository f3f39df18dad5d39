"""Bytecode, hashing, a socket and naps by turns of a few milliseconds each, none a multiple of another."""

import hashlib
import itertools
import time

from _ledger import Ledger, answering_after, ask, compute, now

block = bytes(700_000)
ledger = Ledger()
with answering_after(itertools.repeat(0.0021)) as (client,):
    for _ in range(420):
        with ledger.spend("cpu_python"):
            compute(0.0013)
        with ledger.spend("cpu_native"):
            end = now() + 0.0017
            while now() < end:
                hashlib.sha1(block).digest()
        with ledger.spend("wait_network"):
            ask(client)
        with ledger.spend("wait_sleep"):
            time.sleep(0.0031)
ledger.settle(["io", "mixed", "sleep"])
