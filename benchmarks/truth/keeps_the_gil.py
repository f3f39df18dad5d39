"""C code that does not let go of the GIL: regular expressions, big integers, pickling, joining and splitting."""

import pickle
import re

from _ledger import Ledger, now

records = [{"number": n, "name": f"record {n}", "tags": ["a", "b", str(n)]} for n in range(20_000)]
text = " ".join(f"key{n}=value{n};" for n in range(30_000))
pattern = re.compile(r"(\w+?)=(\w+?);")
ledger = Ledger()
end = now() + 5
with ledger.spend("cpu_python"):
    while now() < end:
        pickle.loads(pickle.dumps(records))
        pattern.findall(text)
        pow(3, 60_000) // pow(7, 9_000)
        "".join(reversed(text.split()))
ledger.settle(["cpu"])
