import os
import time

os.mkdir("gone")
os.chdir("gone")
os.rmdir("../gone")
time.sleep(0.3)
try:
    os.getcwd()
except FileNotFoundError as error:
    print(error)
