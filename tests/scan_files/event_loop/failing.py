# rules: IOB1
import os
import signal
import subprocess
import sys
import time

import requests


# case: the helper sleeps on its own way out only: it has killed its process
def crash(flags, name):
    if name not in flags:
        return
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(10)
    raise RuntimeError(name)


async def crashing(flags):
    crash(flags, "before")


# case: what is killed is another process, and the helper waits for it
def stop(child):
    os.kill(child, signal.SIGTERM)
    time.sleep(1)


async def stopping(child):
    stop(child)  # expect: IOB110


# case: the helper waits before it refuses
def checked(value, url):
    if value < 0:
        text = requests.get(url).text
        raise ValueError(text)
    return value


async def checking(value, url):
    return checked(value, url)


# case: it waits whatever it says afterwards
def asked(value, url):
    text = requests.get(url).text
    if value < 0:
        raise ValueError(text)
    return text


async def asking(value, url):
    return asked(value, url)  # expect: IOB110


# case: the whole helper is there to wait, and always fails
def refuse(url):
    requests.post(url)
    raise PermissionError(url)


async def refusing(url):
    refuse(url)  # expect: IOB110


# case: the exception is caught in the same function, which tries again
def insisted(ask):
    while True:
        try:
            answer = ask()
            if answer is None:
                time.sleep(1)
                raise LookupError
            return answer
        except LookupError:
            continue


async def insisting(ask):
    return insisted(ask)  # expect: IOB110


# case: a failure is reported before it is raised again
def reported(run, url):
    try:
        return run()
    except OSError as problem:
        requests.post(url, data=str(problem))
        raise


async def reporting(run, url):
    return reported(run, url)


# case: a failure is answered by waiting
def waited(run):
    try:
        return run()
    except OSError:
        time.sleep(1)
        return None


async def waiting(run):
    return waited(run)  # expect: IOB110


# case: both ways out of a branch raise
def diagnosed(code, command):
    if code:
        text = subprocess.run(command, capture_output=True).stdout
        if text:
            raise RuntimeError(text)
        else:
            raise RuntimeError(code)
    return code


async def diagnosing(code, command):
    return diagnosed(code, command)


# case: the branch is left by `return` as well
def allowed(code, command):
    if code:
        text = subprocess.run(command, capture_output=True).stdout
        if not text:
            return 0
        raise RuntimeError(text)
    return code


async def allowing(code, command):
    return allowed(code, command)  # expect: IOB110


# case: nothing comes after the end of the program
def ended(code):
    sys.exit(code)
    time.sleep(1)


async def ending(code):
    ended(code)


# case: the end of the program is in another branch
def may_end(code):
    if code:
        sys.exit(code)
    time.sleep(1)


async def perhaps_ending(code):
    may_end(code)  # expect: IOB110


# case: a new program takes the place of this one
def replaced(path):
    os.execv(path, [path])
    subprocess.run([path])


async def replacing(path):
    replaced(path)


# case: the wait is in the coroutine itself, on its way to an exception
async def direct(value):
    if value < 0:
        time.sleep(1)  # expect: IOB101~
        raise ValueError(value)
    time.sleep(1)  # expect: IOB101


# case: what it calls there
async def by_helper(value, url):
    if value < 0:
        raise ValueError(asked(value, url))  # expect: IOB110~
    return asked(value, url)  # expect: IOB110
