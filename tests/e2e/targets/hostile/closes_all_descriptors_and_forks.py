import os
import time

time.sleep(0.1)
os.closerange(3, 4096)
files = [open(f"own-{number}", "w") for number in range(10)]  # noqa: SIM115
for file in files:
    file.write("parent ")
    file.flush()
pid = os.fork()
if pid == 0:
    for file in files:
        file.write("child ")
        file.flush()
    os._exit(0)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
time.sleep(0.2)
for file in files:
    file.write("end")  # written when the interpreter ends
