import os
import time

time.sleep(0.1)
for number in range(60):
    pid = os.fork()
    if not pid:
        os._exit(number)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == number
print("all came back")
