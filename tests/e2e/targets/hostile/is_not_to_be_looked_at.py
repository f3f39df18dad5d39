import ctypes
import time

ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)  # PR_SET_DUMPABLE: its /proc entries now belong to root
time.sleep(0.3)
print("seen?")
