import _thread
import time

time.sleep(0.1)
lock = _thread.allocate_lock()
print(lock.acquire(timeout=0.2), lock.acquire(timeout=0.2))
