import sys
import time

[sys.modules.pop(n) for n in list(sys.modules) if n not in ("sys", "builtins", "__main__", "time")]
time.sleep(0.3)
print(1)
