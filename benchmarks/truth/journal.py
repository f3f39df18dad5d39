"""Pages appended to a journal that is forced to the disk, as a database does; then the same share of computing."""

import os
import tempfile

from _ledger import Ledger, compute, now

LARGEST = 16_000_000  # bytes; then from the front again

ledger = Ledger()
with tempfile.TemporaryDirectory(dir=os.environ.get("TRUTH_DIR", ".")) as folder:
    path = os.path.join(folder, "journal")
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY)
    with ledger.spend_blocked("wait_disk"):
        end = now() + 4
        while now() < end:
            os.write(descriptor, b"page" * 4096)
            os.fdatasync(descriptor)
            if os.lseek(descriptor, 0, os.SEEK_CUR) > LARGEST:
                os.lseek(descriptor, 0, os.SEEK_SET)
    os.close(descriptor)
with ledger.spend("cpu_python"):
    compute(sum(ledger.seconds.values()) * 0.3)
ledger.settle(["io", "mixed", "cpu"], loose=["cpu_native", "cpu_python"], tolerance=0.08)
