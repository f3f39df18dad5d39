"""Polls by the clock: sleeps of several lengths, hashing between."""

import hashlib
import time

from _ledger import Ledger, now

block = bytes(2_000_000)
ledger = Ledger()
for nap in (0.03, 0.11, 0.007, 0.4, 0.06) * 7:
    with ledger.spend("wait_sleep"):
        time.sleep(nap)
    with ledger.spend("cpu_native"):
        end = now() + 0.025
        while now() < end:
            hashlib.blake2b(block).digest()
ledger.settle(["sleep"])
