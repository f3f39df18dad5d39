"""Ten thousand tasks of an event loop, some of which fail and some are cancelled."""

import asyncio

import iobound


@iobound.advise
async def step(number):
    await asyncio.sleep(0)
    if number % 10 == 0:
        raise ValueError(number)
    await asyncio.sleep(60 if number % 10 == 1 else 0)


async def main():
    tasks = [asyncio.create_task(step(number)) for number in range(10_000)]
    await asyncio.sleep(0.01)
    for task in tasks[1::10]:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


asyncio.run(main())
print('expect {"calls": {"step": 10000}, "failed": {"step": 2000}}')
