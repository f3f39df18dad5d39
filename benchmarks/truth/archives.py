"""bz2, LZMA and key derivation: long calls into C without the GIL."""

import bz2
import hashlib
import lzma
import random

from _ledger import Ledger, now

page = random.Random(7).randbytes(300_000) + b"the same again " * 40_000
ledger = Ledger()
end = now() + 5
with ledger.spend("cpu_native"):
    while now() < end:
        bz2.compress(page)
        hashlib.pbkdf2_hmac("sha256", b"secret", b"salt", 150_000)
        lzma.compress(page[:400_000], preset=1)
ledger.settle(["cpu"])
