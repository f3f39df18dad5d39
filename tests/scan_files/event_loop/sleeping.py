# rules: IOB1
import asyncio
import time
from functools import partial
from time import sleep as nap


# case: directly
async def direct():
    time.sleep(1)  # expect: IOB101


# case: under another name
async def renamed():
    nap(1)  # expect: IOB101


# case: assigned to a name
pause = time.sleep


async def assigned():
    pause(2)  # expect: IOB101


# case: a partial that is called
async def partly():
    partial(time.sleep, 1)()  # expect: IOB101


# case: the event loop's own
async def cooperative():
    await asyncio.sleep(1)


# case: handed over to a thread
async def handed_over():
    await asyncio.to_thread(time.sleep, 1)


# case: no coroutine
def plain():
    time.sleep(1)


# case: a function inside that is not called
async def only_defines():
    def inner():
        time.sleep(1)

    return inner


# case: a parameter of the same name
async def shadowed(time):
    time.sleep(1)


# case: sleeping for no time
async def yields_the_processor():
    time.sleep(0)
