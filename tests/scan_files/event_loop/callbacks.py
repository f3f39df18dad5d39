# rules: IOB1
import asyncio
import time


def slow():
    time.sleep(1)


def quick():
    return 1


# case: a callback that sleeps
async def soon():
    asyncio.get_running_loop().call_soon(slow)  # expect: IOB110


# case: a callback that is called later, from a plain function
def later(loop: asyncio.AbstractEventLoop):
    loop.call_later(1, slow)  # expect: IOB110


# case: a callback that does not wait
async def harmless():
    asyncio.get_running_loop().call_soon(quick)


# case: a thread calls it
async def in_a_thread():
    await asyncio.get_running_loop().run_in_executor(None, slow)
