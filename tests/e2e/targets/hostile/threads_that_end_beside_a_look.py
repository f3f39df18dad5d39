import sys
import threading
import time

sys.setswitchinterval(1e-5)
end = time.monotonic() + 0.5
while time.monotonic() < end:
    done = threading.Event()
    threads = [threading.Thread(target=done.wait) for _ in range(60)]
    for thread in threads:
        thread.start()
    done.wait(0.01)
    done.set()
    for thread in threads:
        thread.join()
print(threading.active_count())
