"""Interpreters in the interpreter that decorate and call."""

import sys

import iobound

try:
    if sys.version_info >= (3, 13):
        import _interpreters as interpreters
    else:
        import _xxsubinterpreters as interpreters
except ImportError:
    interpreters = None


@iobound.advise
def work():
    pass


CODE = """
import iobound
@iobound.advise
def inner():
    pass
for _ in range(10):
    inner()
"""
for _ in range(5):
    work()
for _ in range(2):
    number = interpreters.create()
    if sys.version_info >= (3, 13):
        assert interpreters.exec(number, CODE) is None
    else:
        interpreters.run_string(number, CODE)
    interpreters.destroy(number)
work()
print('expect {"calls": {"work": 6}}')
