"""Two threads that hash blocks without the GIL, and the bytecode between that needs it."""

import hashlib
import threading

from _ledger import compute, now, settle

ROUNDS, HASHING, COMPUTING = 110, 0.03, 0.006


def work() -> None:
    block = bytes(1_500_000)
    for _ in range(ROUNDS):
        end = now() + HASHING
        while now() < end:
            hashlib.sha256(block).digest()
        compute(COMPUTING)


threads = [threading.Thread(target=work, name=f"hasher {n}") for n in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
mix = {"cpu_native": HASHING, "cpu_python": COMPUTING}
whole = HASHING + COMPUTING
# Whenever both want it, one waits for the GIL instead of working: a sixth of a sixth of the time at most.
settle(
    mix,
    ["cpu", "mixed"],
    threads={thread.name: {state: share / whole for state, share in mix.items()} for thread in threads},
    loose=["cpu_native", "cpu_python"],
    tolerance=0.08,
)
