# rules: IOB1
import time

import trio


# case: sleeps under trio
async def sleeps():
    time.sleep(1)  # expect: IOB101


# case: trio's own sleep
async def cooperative():
    await trio.sleep(1)


# case: handed over to a thread of trio
async def handed_over():
    await trio.to_thread.run_sync(time.sleep, 1)


# case: an async file of trio
async def reads(path):
    return await trio.Path(path).read_text()


# case: a nursery
async def starts(client, urls):
    async with trio.open_nursery() as nursery:
        for url in urls:
            nursery.start_soon(client.fetch, url)


# case: a loop is started with a function, before its first await
async def begins(path):
    with open(path) as file:  # expect: IOB104~
        text = file.read()
    await trio.sleep(1)
    with open(path, "w") as file:  # expect: IOB104~
        file.write(text)


def starts(path):
    trio.run(begins, path)
