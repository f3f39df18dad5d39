"""Nine quick answers, then one that takes long: waits of very different length on one connection."""

import itertools

from _ledger import Ledger, answering_after, ask, compute

DELAYS = [0.003] * 9 + [0.25]

ledger = Ledger()
with answering_after(itertools.cycle(DELAYS)) as (client,):
    for number in range(160):
        with ledger.spend("wait_network"):
            ask(client)
        with ledger.spend("cpu_python"):
            compute(0.001 if number % 2 else 0.007)
ledger.settle(["io"])
