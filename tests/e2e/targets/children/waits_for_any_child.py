import os
import time

for number in range(3):
    if not os.fork():
        time.sleep(0.1 * number)
        os._exit(number)
codes = []
while True:
    try:
        codes.append(os.waitstatus_to_exitcode(os.wait()[1]))
    except ChildProcessError:
        break
print(sorted(codes))
