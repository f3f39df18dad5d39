"""Bytecode, compression, a socket and naps by turns of 10 to 40 ms."""

import itertools
import random
import time
import zlib

from _ledger import Ledger, answering_after, ask, compute, now

block = random.Random(3).randbytes(60_000)
ledger = Ledger()
with answering_after(itertools.cycle([0.013, 0.029, 0.04])) as (client,):
    for _ in range(60):
        with ledger.spend("cpu_python"):
            compute(0.023)
        with ledger.spend("cpu_native"):
            end = now() + 0.011
            while now() < end:
                zlib.compress(block, 3)
        with ledger.spend("wait_network"):
            ask(client)
        with ledger.spend("wait_sleep"):
            time.sleep(0.019)
ledger.settle(["io", "mixed"])
