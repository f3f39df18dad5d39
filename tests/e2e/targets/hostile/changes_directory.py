import os
import time

os.chdir("/")
time.sleep(0.3)
print(os.getcwd(), __file__)
[][0]  # noqa: PLE0643
