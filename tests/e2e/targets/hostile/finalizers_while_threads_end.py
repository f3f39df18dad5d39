import gc
import os
import sys
import threading
import time


class Hands:
    """Finds itself in a circle, and gives the GIL away when it is collected."""

    def __init__(self):
        self.me = self

    def __del__(self):
        os.close(os.dup(0))


sys.setswitchinterval(1e-5)
gc.set_threshold(50)
end = time.monotonic() + 0.5
while time.monotonic() < end:
    done = threading.Event()
    threads = [threading.Thread(target=done.wait) for _ in range(30)]
    for thread in threads:
        thread.start()
    some = [Hands() for _ in range(200)]
    del some
    done.set()
    for thread in threads:
        thread.join()
print(threading.active_count())
