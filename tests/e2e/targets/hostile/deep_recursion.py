import sys
import time

sys.setrecursionlimit(60_000)


def down(n):
    return down(n - 1) + 1 if n else time.sleep(0.3) or 0


print(down(8_000))
