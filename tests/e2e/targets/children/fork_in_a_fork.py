import os
import time

if not os.fork():
    time.sleep(0.1)
    if not os.fork():
        time.sleep(0.1)
        print("grandchild", flush=True)
        os._exit(0)
    os.wait()
    print("child", flush=True)
    os._exit(0)
os.wait()
print("parent", flush=True)
