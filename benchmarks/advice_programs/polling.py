"""Polls for a file that another program will write."""

import os
import subprocess
import tempfile
import time

from _ways import run


def wait_for(path):
    looks = 0
    while not os.path.exists(path):
        time.sleep(0.05)
        looks += 1
    return looks


def main():
    with tempfile.TemporaryDirectory() as folder:
        ready = os.path.join(folder, "ready")
        with subprocess.Popen(["sh", "-c", f"sleep 2.5; touch {ready}"]):
            print(wait_for(ready) > 0)


if __name__ == "__main__":
    run(main)
