"""One CPU for two processes: computing by turns with a rival, and naps in which the rival has it alone."""

import os
import subprocess
import sys
import time

from _ledger import Ledger, compute

RIVAL = "import sys; sys.path.insert(0, sys.argv[1]); from _ledger import compute; compute(30)"

if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
here = os.path.dirname(os.path.abspath(__file__))
rival = subprocess.Popen([sys.executable, "-c", RIVAL, here])
ledger = Ledger()
for _ in range(24):
    with ledger.spend("cpu_python"):
        compute(0.15)
    with ledger.spend("wait_sleep"):
        time.sleep(0.05)
rival.kill()
rival.wait()
ledger.settle(["starved", "mixed", "cpu"], scope="MainThread", loose=["wait_cpu", "wait_sleep"], tolerance=0.08)
