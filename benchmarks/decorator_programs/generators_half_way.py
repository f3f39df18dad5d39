"""Generators that are left half-way: by a break, by being forgotten, in cycles, at the very end."""

import gc

import iobound


@iobound.advise
def items(upto):
    yield from range(upto)


for _ in range(300):
    for _ in items(3):
        break
for _ in range(300):
    it = items(3)
    next(it)
    cycle = [it]
    cycle.append(cycle)
del it, cycle
gc.collect()
kept = [items(3) for _ in range(300)]
for it in kept:
    next(it)
del it
print('expect {"calls": {"items": 600}}')  # those that are still kept have not ended
