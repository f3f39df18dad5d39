import os
import time

os.unlink(__file__)
time.sleep(0.3)
print("still here")
{}["gone"]
