import os
import subprocess

print(subprocess.run(["sh", "-c", "sleep 0.3; echo hello; echo error >&2; exit 3"], capture_output=True))
print(os.system("exit 5"), os.popen("sleep 0.2; echo popen").read())
print(subprocess.run(["cat"], input=b"through a pipe" * 100_000, capture_output=True).stdout[-30:])
