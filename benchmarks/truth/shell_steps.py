"""Steps of a build: each is a command that is waited for, with some book-keeping between."""

import subprocess

from _ledger import Ledger, compute

ledger = Ledger()
for pause in ("0.35", "0.8", "0.15", "1.1", "0.5", "0.7"):
    with ledger.spend("wait_child"):
        step = subprocess.Popen(["sleep", pause])
        step.wait()
    with ledger.spend("cpu_python"):
        compute(0.3)
ledger.settle(["io", "mixed", "sleep"], scope="MainThread")
