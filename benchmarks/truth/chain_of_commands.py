"""Commands in a pipe whose output is read, and commands that are run one after another."""

import subprocess

from _ledger import Ledger, compute

ledger = Ledger()
for _ in range(5):
    with ledger.spend("wait_child"):
        subprocess.run("sleep 0.3; echo one | cat; sleep 0.2", shell=True, check=True, stdout=subprocess.PIPE)
    with ledger.spend("cpu_python"):
        compute(0.2)
    with ledger.spend("wait_child"):
        subprocess.check_output(["sleep", "0.25"])
ledger.settle(["io", "mixed", "sleep"], scope="MainThread")
