"""A program that computes on a CPU which two other processes of its own want too."""

import os
import subprocess
import sys

from _ledger import compute, settle

SECONDS = 5.0
RIVAL = "import sys; sys.path.insert(0, sys.argv[1]); from _ledger import compute; compute(float(sys.argv[2]))"

if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
here = os.path.dirname(os.path.abspath(__file__))
rivals = [subprocess.Popen([sys.executable, "-c", RIVAL, here, str(SECONDS)]) for _ in range(2)]
compute(SECONDS)
for rival in rivals:
    rival.wait()
settle(
    {"cpu_python": 1, "wait_cpu": 2},
    ["starved"],
    threads={"MainThread": {"cpu_python": 1 / 3, "wait_cpu": 2 / 3}},
    tolerance=0.1,
)
