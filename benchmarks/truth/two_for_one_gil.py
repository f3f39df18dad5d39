"""Two threads of Python, one of which starts when the other is half done."""

import threading
import time

from _ledger import compute, settle

HALF = 2.5

early = threading.Thread(target=compute, args=(2 * HALF,), name="early")
late = threading.Thread(target=compute, args=(HALF,), name="late")
early.start()
time.sleep(HALF)
late.start()
early.join()
late.join()
settle(
    {"cpu_python": 1},
    ["gil", "cpu", "mixed"],
    threads={
        "early": {"cpu_python": 3 / 4, "wait_gil": 1 / 4},
        "late": {"cpu_python": 1 / 2, "wait_gil": 1 / 2},
    },
    tolerance=0.08,
)
