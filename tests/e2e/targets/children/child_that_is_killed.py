import subprocess
import time

child = subprocess.Popen(["sleep", "50"])
time.sleep(0.2)
child.kill()
print(child.wait())
