import os
import shutil
import tempfile
import time

time.sleep(0.2)
shutil.rmtree(tempfile.gettempdir())
time.sleep(0.3)
print("removed")
os.mkdir(tempfile.gettempdir())
