"""A program that calls, and then becomes another that calls."""

import os
import sys

import iobound


@iobound.advise
def work():
    pass


for _ in range(10):
    work()
if sys.argv[1:] != ["again"]:
    os.execv(sys.executable, [sys.executable, __file__, "again"])
print('expect {"calls": {"work": 10}}')
