# rules: IOB1
import asyncio
import concurrent.futures
import multiprocessing
import queue
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor

LOCK = threading.Lock()
count = 0


# case: waits for a lock
async def acquires():
    LOCK.acquire()  # expect: IOB107


# case: does not wait for it
async def tries():
    if LOCK.acquire(blocking=False):
        LOCK.release()
    if LOCK.acquire(False):
        LOCK.release()
    return LOCK.acquire(timeout=0)


# case: held across an await
async def held(client):
    with LOCK:  # expect: IOB107
        await client.send()


# case: held while something waits
async def held_long():
    with LOCK:  # expect: IOB107
        time.sleep(1)  # expect: IOB101


# case: held around two assignments
async def held_shortly():
    global count
    with LOCK:  # expect: IOB107~
        count += 1


# case: a helper that holds it around an assignment
class Counter:
    def __init__(self):
        self._lock = threading.RLock()
        self.count = 0

    def add(self):
        with self._lock:
            self.count += 1

    async def work(self):
        self.add()


# case: a lock for coroutines
async def cooperative(lock: asyncio.Lock):
    async with lock:
        await asyncio.sleep(1)
    await lock.acquire()


# case: a queue of threads
async def takes(jobs: queue.Queue):
    return jobs.get()  # expect: IOB107


# case: a queue that is not waited for
async def takes_if_any(jobs: queue.Queue):
    jobs.get_nowait()
    jobs.get(block=False)
    jobs.get(False)
    return jobs.get(timeout=0)


# case: a queue of the event loop
async def takes_well(jobs: asyncio.Queue):
    return await jobs.get()


# case: an event of threads
async def waits(event: threading.Event):
    event.wait()  # expect: IOB107


# case: whether an event is set
async def looks(event: threading.Event):
    return event.is_set() or event.wait(0)


# case: the result of a thread
async def result(pool: ThreadPoolExecutor):
    return pool.submit(len, "a").result()  # expect: IOB108


# case: a future that is passed
async def passed(future: Future):
    return future.result()  # expect: IOB108


# case: all of them
async def all_of_them(futures):
    concurrent.futures.wait(futures)  # expect: IOB108


# case: as they come
async def as_they_come(futures):
    for future in concurrent.futures.as_completed(futures):  # expect: IOB108
        print(future)


# case: waits in the loop for the loop
async def deadlock(coroutine, loop):
    return asyncio.run_coroutine_threadsafe(coroutine, loop).result()  # expect: IOB108


# case: it is done
async def is_done(future: Future):
    if future.done():
        return future.result()


# case: no time to wait
async def no_time(future: Future):
    return future.result(timeout=0)


# case: as the loop does it
async def wrapped(future: Future):
    return await asyncio.wrap_future(future)


# case: the result of a task
async def of_a_task(coroutine):
    task = asyncio.create_task(coroutine)
    await asyncio.wait([task])
    return task.result()


# case: the pool is left alone
async def leaves(pool: ThreadPoolExecutor):
    pool.shutdown(wait=False)


# case: the pool is waited for
async def ends(pool: ThreadPoolExecutor):
    pool.shutdown()  # expect: IOB108


# case: a queue without a largest size
async def puts(item):
    jobs = queue.Queue()
    jobs.put(item)


# case: a queue with one
async def puts_in_turn(item):
    jobs = queue.Queue(maxsize=2)
    jobs.put(item)  # expect: IOB107


# case: a queue that has something
async def takes_what_is_there(jobs: queue.Queue):
    while jobs.empty():
        await asyncio.sleep(0)
    return jobs.get()


# case: a debugger
async def looks_closely():
    breakpoint()


# case: a lock that nobody else can have yet
async def own_lock():
    lock = threading.Lock()
    lock.acquire()
    return lock


# case: a lock that others may have by now
async def known_lock(register):
    lock = threading.Lock()
    register(lock)
    lock.acquire()  # expect: IOB107
    return lock


# case: what has been put has been sent, as a rule
async def sent():
    results = multiprocessing.Queue()
    results.put(1)
    results.close()
    results.join_thread()  # expect: IOB107~
