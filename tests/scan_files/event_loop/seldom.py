# rules: IOB1
"""What is seldom come to, and files that take no time."""

import asyncio
import fcntl
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import requests

SLEEP_FOR_TESTING_S = os.environ.get("SLEEP_FOR_TESTING_S")
IS_TRACED = os.getenv("TRACE", "0").lower() in ("1", "true")
PAUSE_S = os.environ.get("PAUSE_S", "5")
RESULT = "result.txt"


# case: only if the environment asks for it
async def under_a_switch():
    if SLEEP_FOR_TESTING_S:
        time.sleep(int(SLEEP_FOR_TESTING_S))  # expect: IOB101~
    if IS_TRACED and SLEEP_FOR_TESTING_S is not None:
        time.sleep(1)  # expect: IOB101~
    if os.environ.get("DEBUG") == "1":
        time.sleep(1)  # expect: IOB101~


# case: unless the environment forbids it, and a switch that is on
async def unless_a_switch():
    if not SLEEP_FOR_TESTING_S:
        time.sleep(1)  # expect: IOB101
    if PAUSE_S:
        time.sleep(int(PAUSE_S))  # expect: IOB101
    if os.environ.get("MODE", "") == "":
        time.sleep(1)  # expect: IOB101


# case: after it has been asked
async def leaves_first():
    if not IS_TRACED:
        return
    time.sleep(1)  # expect: IOB101~


# case: in the other branch, and with a parameter of the same name
async def other_branch(SLEEP_FOR_TESTING_S):
    if IS_TRACED:
        await asyncio.sleep(1)
    else:
        time.sleep(1)  # expect: IOB101
    if SLEEP_FOR_TESTING_S:
        time.sleep(1)  # expect: IOB101


# case: through a helper
def ask(url):
    return requests.get(url)


def traced(url):
    if IS_TRACED:
        ask(url)


async def helped(url):
    await asyncio.sleep(1)
    if IS_TRACED:
        ask(url)  # expect: IOB110~
    traced(url)  # expect: IOB110~
    ask(url)  # expect: IOB110


# case: a file, after a failure
async def after_a_failure(process, source, target):
    if process.returncode != 0:
        shutil.copy(source, target)  # expect: IOB104~
    try:
        await process.wait()
    except OSError:
        shutil.copy(source, target)  # expect: IOB104~
        time.sleep(1)  # expect: IOB101
    if process.returncode == 0:
        shutil.copy(source, target)  # expect: IOB104
    else:
        shutil.copy(source, target)  # expect: IOB104~


# case: what the kernel tells of itself is in no file
async def of_the_kernel(pid, root):
    with open(f"/proc/{pid}/stat") as file:
        text = file.read()
    path = os.path.join("/sys", "class", "net")
    names = os.listdir(path)
    limits = (Path("/proc") / str(pid) / "limits").read_text()
    load = Path("/proc/loadavg").read_text()
    return text, names, limits, load, os.listdir("/dev/shm")


# case: paths that only look like one
async def of_a_disk(pid, root):
    with open(f"{root}/proc/{pid}/stat") as file:  # expect: IOB104
        text = file.read()
    path = os.path.join(root, "/sys")
    path = os.path.join(root, "class")
    return text, os.listdir(path), open("/dev/sda", "rb").read()  # expect: IOB104


# case: through a helper
def command_of(pid):
    with open(f"/proc/{pid}/cmdline") as file:
        return file.read()


async def commands(pids):
    return [command_of(pid) for pid in pids]


# case: one small file whose name the program gives
async def result():
    with open(RESULT) as file:  # expect: IOB104~
        return file.read()


async def of_tempfile():
    folder = tempfile.mkdtemp()  # expect: IOB104~
    name = os.path.join(folder, "result.txt")
    await asyncio.sleep(1)
    with open(name) as file:  # expect: IOB104~
        return file.read()


# case: a parameter that is set, too
async def given(path: str):
    if not path:
        path = "/proc/cpuinfo"
    return open(path).read()  # expect: IOB104


# case: bytes, again and again, or of a name that somebody gives
async def large(name):
    with open(RESULT, "rb") as file:  # expect: IOB104
        data = file.read()
    for _ in range(100):
        with open(RESULT) as file:  # expect: IOB104
            file.read()
    with open(os.path.join("results", name)) as file:  # expect: IOB104
        return data, file.read()


# case: a child that has ended
async def ended(process: subprocess.Popen):
    if process.poll() is not None:
        return process.wait()
    if process.returncode is None:
        process.wait()  # expect: IOB105
    else:
        process.wait()
    # case: directly after it was killed, as long as there is a time-out
    process.kill()
    process.wait(timeout=1)  # expect: IOB105~
    process.terminate()
    process.wait()  # expect: IOB105


# case: a new child of the same name
async def restarted(process: subprocess.Popen):
    if process.poll() is not None:
        process = subprocess.Popen(["server"])  # expect: IOB105~
        process.wait()  # expect: IOB105


# case: a lock on a file, held for one small file
def save(path, text):
    with open(path + ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with open(path, "w") as file:
            file.write(text)


async def saves(path, text):
    await asyncio.sleep(1)
    save(path, text)  # expect: IOB110~


# case: held for as long as something else takes
def publish(path, url):
    with open(path + ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        shutil.copytree(path, url)


async def publishes(path, url):
    await asyncio.sleep(1)
    publish(path, url)  # expect: IOB110
