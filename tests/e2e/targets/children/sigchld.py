import signal
import subprocess
import time

got = []
signal.signal(signal.SIGCHLD, lambda *_: got.append(1))
child = subprocess.Popen(["sleep", "0.2"])
end = time.monotonic() + 20
while not got and time.monotonic() < end:
    time.sleep(0.05)
print(len(got), child.wait())
