"""Reads lines from its standard input, which come one by one."""

import os
import sys
import time

from _ledger import Ledger, compute, in_child


def type_slowly() -> None:
    os.close(out_of)
    for number in range(25):
        time.sleep(0.2)
        os.write(into, b"line %d\n" % number)


out_of, into = os.pipe()
typist = in_child(type_slowly)
os.close(into)
os.dup2(out_of, 0)
os.close(out_of)
ledger = Ledger()
while True:
    with ledger.spend("wait_input"):
        line = sys.stdin.readline()
    if not line:
        break
    with ledger.spend("cpu_python"):
        compute(0.03)
os.waitpid(typist, 0)
ledger.settle(["io", "mixed"], tolerance=0.08)
