"""Interpreters that end while whoever observes them is still starting."""

import collections
import concurrent.futures
import subprocess
import sys


def run(number):
    return subprocess.run([sys.executable, "-c", "pass"], capture_output=True).returncode


with concurrent.futures.ThreadPoolExecutor(4) as pool:
    print(collections.Counter(pool.map(run, range(200))))
