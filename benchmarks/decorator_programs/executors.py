"""Executors of processes and threads, and those of an event loop."""

import asyncio
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import iobound


@iobound.advise
def work(number):
    time.sleep(0.001)
    return number


async def main():
    loop = asyncio.get_running_loop()
    with ProcessPoolExecutor(2) as processes:
        await asyncio.gather(*(loop.run_in_executor(processes, work, number) for number in range(20)))
    await asyncio.gather(*(asyncio.to_thread(work, number) for number in range(20)))


if __name__ == "__main__":
    with ProcessPoolExecutor(2) as pool:
        assert list(pool.map(work, range(40))) == list(range(40))
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(work, range(40))) == list(range(40))
    asyncio.run(main())
    print('expect {"calls": {"work": 120}}')
