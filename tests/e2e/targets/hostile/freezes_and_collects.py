import gc
import time

gc.disable()
gc.freeze()
print(len(gc.garbage))
gc.set_debug(0)
time.sleep(0.2)
print(gc.collect() >= 0)
