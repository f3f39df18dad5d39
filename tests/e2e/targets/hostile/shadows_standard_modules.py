import time

time.sleep(0.2)
import shadow_time

print(shadow_time.x)
