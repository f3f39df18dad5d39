import time

time.sleep(0.2)
import shadow_time  # noqa: E402

print(shadow_time.x)
