"""A program that ends by `os._exit`, with a child that does, too."""

import os
import sys

import iobound


@iobound.advise
def work():
    pass


for _ in range(100):
    work()
if os.fork() == 0:
    work()
    os._exit(0)
os.wait()
print('expect {"report": false}')
sys.stdout.flush()
os._exit(0)
