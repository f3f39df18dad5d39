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


# case: imported where it is used
async def imported_here():
    from time import sleep

    sleep(1)  # expect: IOB101


# case: in a method
class Poller:
    async def poll(self):
        while not self.ready:
            time.sleep(0.1)  # expect: IOB101
            await self.look()


# case: in an async generator
async def ticks():
    while True:
        yield 1
        time.sleep(1)  # expect: IOB101


# case: in a comprehension
async def comprehended(times):
    return [time.sleep(each) for each in times]  # expect: IOB101


# case: awaited, though it gives nothing to await
async def awaited_by_mistake():
    await asyncio.sleep(0)
    if time.sleep(1) is None:  # expect: IOB101
        return 1


# case: the event loop's own
async def cooperative():
    await asyncio.sleep(1)


# case: handed over to a thread
async def handed_over():
    await asyncio.to_thread(time.sleep, 1)


# case: handed over to an executor
async def to_executor():
    loop = asyncio.get_running_loop()
    await loop.run_in_executor(None, time.sleep, 1)


# case: a lambda that a thread runs
async def in_a_lambda():
    await asyncio.to_thread(lambda: time.sleep(1))


# case: no coroutine
def plain():
    time.sleep(1)


# case: a function inside that is not called
async def only_defines():
    def inner():
        time.sleep(1)

    return inner


# case: a function inside that a thread runs
async def defines_for_a_thread():
    def inner():
        time.sleep(1)

    await asyncio.to_thread(inner)


# case: a function inside that is called
async def defines_and_calls():
    def inner():
        time.sleep(1)

    inner()  # expect: IOB110


# case: a parameter of the same name
async def shadowed(time):
    time.sleep(1)


# case: a name that is local
async def local_name(clock):
    sleep = clock.sleep
    sleep(1)


# case: sleeping for no time
async def yields_the_processor():
    time.sleep(0)


# case: a method that is only called so
class Clock:
    async def sleep(self, seconds):
        await asyncio.sleep(seconds)

    async def tick(self):
        await self.sleep(1)
