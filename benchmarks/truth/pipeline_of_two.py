"""Reads through a pipe what another process of its own computes: the run is what that process is."""

import os

from _ledger import compute, in_child, settle

ITEMS, MAKING, READING = 70, 0.06, 0.012


def produce() -> None:
    for _ in range(ITEMS):
        compute(MAKING)
        os.write(into, b"item")


out_of, into = os.pipe()
producer = in_child(produce)
os.close(into)
while os.read(out_of, 64):
    compute(READING)
os.waitpid(producer, 0)
settle(
    {"cpu_python": 1},
    ["cpu"],
    threads={"MainThread": {"cpu_python": READING / MAKING, "wait_ipc": 1 - READING / MAKING}},
    tolerance=0.12,
)
