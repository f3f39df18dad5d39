"""Sorting, JSON, joining and sets: C code that keeps the GIL, in calls of 1 to 200 ms, with allocation."""

import json
import random

from _ledger import Ledger, now

chance = random.Random(11)
words = [f"word{chance.randrange(10**6)}" for _ in range(120_000)]
table = {word: [len(word), word[:3]] for word in words[:30_000]}
ledger = Ledger()
end = now() + 5
with ledger.spend("cpu_python"):
    while now() < end:
        ",".join(sorted(words))
        json.loads(json.dumps(table))
        len(set(words) & set(words[::2]))
        sum(map(len, words))
ledger.settle(["cpu"])
