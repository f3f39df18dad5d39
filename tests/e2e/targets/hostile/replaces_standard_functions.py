import builtins
import os
import sys
import threading
import time

sleep = time.sleep


def broken(*a, **k):
    raise RuntimeError("broken")


for module, name in (
    (time, "sleep"),
    (time, "monotonic_ns"),
    (os, "open"),
    (os, "read"),
    (os, "write"),
    (os, "getpid"),
    (sys, "_current_frames"),
    (threading, "Thread"),
    (builtins, "len"),
    (os.path, "join"),
    (sys, "getswitchinterval"),
):
    setattr(module, name, broken)
sleep(0.3)
sys.stdout.write("replaced\n")
