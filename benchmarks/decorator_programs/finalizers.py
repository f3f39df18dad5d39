"""Calls by `__del__`, by callbacks of the collector and of weak references, that recurse."""

import gc
import weakref

import iobound

called = 0


@iobound.advise
def note(depth):
    global called
    called += 1
    if depth:
        note(depth - 1)
        Noisy(depth - 1)


class Noisy:
    def __init__(self, depth):
        self.depth, self.me = depth, self

    def __del__(self):
        note(self.depth)


def collected(phase, info):
    note(0)


gc.callbacks.append(collected)
gc.set_threshold(20, 2, 2)
references = []
for _ in range(200):
    noisy = Noisy(3)
    references.append(weakref.ref(noisy, lambda reference: note(1)))
del noisy
gc.collect()
gc.collect()
gc.callbacks.remove(collected)
gc.disable()
print(f'expect {{"calls": {{"note": {called}}}, "at_least": ["note"]}}')  # some are called at the very end
