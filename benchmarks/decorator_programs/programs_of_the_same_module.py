"""Other programs that a program starts, which call the same function."""

import subprocess
import sys

import iobound


@iobound.advise
def work():
    pass


if __name__ == "__main__":
    for _ in range(10):
        work()
    if sys.argv[1:] != ["again"]:
        children = [subprocess.Popen([sys.executable, __file__, "again"], stdout=subprocess.PIPE) for _ in range(3)]
        for child in children:
            assert child.communicate() == (b"", None)
            assert child.returncode == 0
        print('expect {"calls": {"work": 40}}')
