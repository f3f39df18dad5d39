# rules: IOB1
import asyncio
import hashlib
import json
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import bcrypt
from PIL import Image


# case: a long hash
async def hashed(password, salt):
    return hashlib.pbkdf2_hmac("sha256", password, salt, 100_000)  # expect: IOB112


# case: a password
async def checked(password, known):
    return bcrypt.checkpw(password, known)  # expect: IOB112


# case: a picture
async def resized(path):
    image = Image.open(path)  # expect: IOB104~
    return image.resize((10, 10))  # expect: IOB112


# case: all of a file
async def parsed(path):
    return json.loads(Path(path).read_text())  # expect: IOB104, IOB111~


# case: very often
async def often(text):
    for _ in range(100_000):
        json.loads(text)  # expect: IOB111


# case: a helper that computes for long
def derive(password):
    return hashlib.scrypt(password, salt=b"", n=2, r=8, p=1)


async def helped(password):
    return derive(password)  # expect: IOB112


# case: a short text
async def message(text):
    return json.loads(text)


# case: a small hash
async def digest(data):
    return hashlib.sha256(data).hexdigest()


# case: in a thread, beside the loop
async def in_a_thread(password, salt):
    return await asyncio.to_thread(hashlib.pbkdf2_hmac, "sha256", password, salt, 100_000)


# case: in a thread that has the GIL
async def in_a_thread_for_nothing(text):
    return await asyncio.to_thread(json.loads, text)  # expect: IOB116


# case: in an executor of threads
async def in_an_executor(text):
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(None, json.loads, text)  # expect: IOB116


# case: in a process
async def in_a_process(text):
    loop = asyncio.get_running_loop()
    with ProcessPoolExecutor() as pool:
        return await loop.run_in_executor(pool, json.loads, text)


# case: in an executor that nobody knows
async def in_some_executor(loop: asyncio.AbstractEventLoop, pool, text):
    return await loop.run_in_executor(pool, json.loads, text)
