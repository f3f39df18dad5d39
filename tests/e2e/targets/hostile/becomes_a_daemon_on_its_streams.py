import os
import time

null = os.open(os.devnull, os.O_RDWR)
print("before", flush=True)
for number in range(3):
    os.dup2(null, number)
os.umask(0o777)
os.setsid() if os.getpgrp() != os.getpid() else None
time.sleep(0.3)
raise SystemExit(8)
