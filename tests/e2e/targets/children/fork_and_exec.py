import os
import sys

if not os.fork():
    os.execv(sys.executable, [sys.executable, "-c", "import sys, threading; print(threading.active_count(), sys.path)"])
os.wait()
print("parent")
