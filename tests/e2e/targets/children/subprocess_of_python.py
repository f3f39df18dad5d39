import subprocess
import sys

code = "import sys, threading, time; time.sleep(0.2); print(sys.argv, sys.path, threading.enumerate()[0].name)"
print(subprocess.run([sys.executable, "-c", code, "x"], capture_output=True, text=True))
print(subprocess.run([sys.executable, "-I", "-c", code, "x"], capture_output=True, text=True))
print(subprocess.run([sys.executable, "-E", "-S", "-c", code, "x"], capture_output=True, text=True))
print(subprocess.run([sys.executable, "-c", code, "x"], capture_output=True, text=True, env={}))
