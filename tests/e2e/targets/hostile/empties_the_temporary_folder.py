import os
import shutil
import tempfile
import time

time.sleep(0.2)
for entry in os.scandir(tempfile.gettempdir()):
    shutil.rmtree(entry) if entry.is_dir() else os.unlink(entry)
time.sleep(0.3)
print("emptied")
