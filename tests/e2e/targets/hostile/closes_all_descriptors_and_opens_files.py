import os
import time

os.closerange(3, 4096)
time.sleep(0.2)
files = [open(f"own-{number}", "w+") for number in range(30)]  # noqa: SIM115
time.sleep(0.3)
for number, file in enumerate(files):
    print(number, file=file, flush=True)
time.sleep(0.3)
os.closerange(3, 4096)
print([open(f"own-{number}").read() for number in range(30)])  # noqa: SIM115
os._exit(0)
