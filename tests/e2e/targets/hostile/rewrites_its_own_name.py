import ctypes
import time

name = b"\x1b]0;x\x07 ) R 1\n"
ctypes.CDLL(None).prctl(15, name, 0, 0, 0)
print(open("/proc/self/comm", "rb").read())  # noqa: SIM115
time.sleep(0.3)
