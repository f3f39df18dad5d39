"""Callers whose code was executed from text and is gone."""

import iobound


@iobound.advise
def note():
    pass


for number in range(3000):
    exec(f"def caller_{number}(): note()\ncaller_{number}()", {"note": note})
print('expect {"calls": {"note": 3000}}')
