import resource
import time

resource.setrlimit(resource.RLIMIT_AS, (1 << 31, 1 << 31))
time.sleep(0.2)
try:
    bytearray(1 << 32)
except MemoryError:
    print("no memory")
