import os
import time

os.closerange(3, 4096)
time.sleep(0.3)
print(sorted(map(int, os.listdir("/proc/self/fd"))))
