"""Lines of a log that are forced to the disk one by one, with a little bytecode between."""

import os
import tempfile

from _ledger import Ledger, compute, now

ledger = Ledger()
with tempfile.NamedTemporaryFile(dir=os.environ.get("TRUTH_DIR", ".")) as log:
    end = now() + 4
    while now() < end:
        with ledger.spend_blocked("wait_disk"):
            for _ in range(20):
                os.write(log.fileno(), b"one line of a log\n" * 8)
                os.fsync(log.fileno())
        with ledger.spend("cpu_python"):
            compute(0.0015)
ledger.settle(["io", "mixed", "cpu"], loose=["cpu_native", "cpu_python"])
