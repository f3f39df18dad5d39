# rules: IOB1
import asyncio


async def work():
    await asyncio.sleep(1)


# case: a loop in a loop
async def nested():
    asyncio.run(work())  # expect: IOB113


# case: through a function
def start():
    asyncio.run(work())


async def through():
    start()  # expect: IOB113


# case: an exception is caught on the way up, and that goes on
def tidy(log):
    try:
        start()
    except Exception as error:
        log(error)


async def tidily(log):
    tidy(log)  # expect: IOB113~


# case: one that says so
def tidy_or_not(log):
    try:
        start()
    except Exception as error:
        log(error)
        raise


async def tidily_or_not(log):
    tidy_or_not(log)  # expect: IOB113


# case: another exception is caught
def keyed(log):
    try:
        start()
    except KeyError as error:
        log(error)


async def keyed_too(log):
    keyed(log)  # expect: IOB113


# case: the old way
async def old_way():
    asyncio.get_event_loop().run_until_complete(work())  # expect: IOB113


# case: a loop of its own
async def own_loop():
    loop = asyncio.new_event_loop()
    loop.run_until_complete(work())  # expect: IOB113


# case: where none runs
def main():
    asyncio.run(work())


# case: in a thread there is none
async def in_a_thread():
    await asyncio.to_thread(start)


# case: it asks whether one runs
def careful():
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work())
    return None


async def carefully():
    return careful()


# case: awaited
async def awaited():
    await work()


# case: as a task
async def task():
    return asyncio.create_task(work())


if __name__ == "__main__":
    asyncio.run(work())
