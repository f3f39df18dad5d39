"""Calls by what runs at exit, and while modules are torn down."""

import atexit
import sys
import threading

import iobound


@iobound.advise
def note():
    pass


@iobound.advise
def counts():
    yield 1


class AtTheEnd:
    def __init__(self):
        self.note, self.counts = note, counts
        self.me = self

    def __del__(self):
        self.note()
        for _ in self.counts():
            break


atexit.register(note)
threading._register_atexit(note)
kept = AtTheEnd()
sys.kept = kept
note()
print('expect {"calls": {"note": 3}}')
