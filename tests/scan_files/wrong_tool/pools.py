# rules: IOB309, IOB310, IOB311
import sys
import asyncio
import os
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import Pool


def work(item):
    return open(item).read()


# case: a pool for each batch
def batches(several):
    results = []
    for batch in several:
        with ThreadPoolExecutor() as pool:  # expect: IOB309
            results.extend(pool.map(work, batch))
    return results


# case: one pool around the loop
def batches_with_one_pool(several):
    results = []
    with ThreadPoolExecutor() as pool:
        for batch in several:
            results.extend(pool.map(work, batch))
    return results


# case: for life: it reads from a pipe until that ends, and the process with it
def watch():
    while True:
        with ThreadPoolExecutor(max_workers=1) as pool:  # expect: IOB309~
            line = pool.submit(sys.stdin.readline)
            if not line.result():
                sys.exit(0)


# case: for ever, one batch after another
def serve(jobs):
    while True:
        with ThreadPoolExecutor() as pool:  # expect: IOB309
            pool.map(work, jobs.get())


# case: closed by hand
def closed(several):
    results = []
    for batch in several:
        pool = Pool(4)  # expect: IOB309
        results.extend(pool.map(work, batch))
        pool.close()
        pool.join()
    return results


# case: pools that are kept
def kept(hosts):
    pools = {}
    for host in hosts:
        pools[host] = ThreadPoolExecutor(2)
    return pools


# case: another size in each iteration
def sizes(items):
    for size in (1, 2, 4, 8, 16):
        with ThreadPoolExecutor(size) as pool:
            print(size, list(pool.map(work, items)))


# case: another class in each iteration
def classes(items):
    for kind in (ThreadPoolExecutor, ProcessPoolExecutor):
        with kind() as pool:
            print(list(pool.map(work, items)))


# case: a few attempts
def attempts(items):
    for _ in range(3):
        with ThreadPoolExecutor() as pool:
            list(pool.map(work, items))


# case: a loop that goes on until it works
def until_it_works(items):
    while True:
        with ProcessPoolExecutor() as pool:
            try:
                return list(pool.map(work, items))
            except OSError:
                continue


# case: attempts that end when one has worked
def many_attempts(items):
    for number in range(10):
        try:
            with ThreadPoolExecutor() as pool:
                results = list(pool.map(work, items))
            break
        except OSError:
            print(number)
    return results


# case: the result of each submit at once
def at_once(items):
    results = []
    with ThreadPoolExecutor() as pool:
        for item in items:
            results.append(pool.submit(work, item).result())  # expect: IOB310
    return results


# case: in a comprehension
def at_once_comprehended(pool: ThreadPoolExecutor, items):
    return [pool.submit(work, item).result() for item in items]  # expect: IOB310


# case: in the next statement
def next_statement(items):
    results = []
    with ThreadPoolExecutor() as pool:
        for item in items:
            future = pool.submit(work, item)  # expect: IOB310
            results.append(future.result())
    return results


# case: asked for in a second loop
def second_loop(items):
    with ThreadPoolExecutor() as pool:
        futures = [pool.submit(work, item) for item in items]
        return [future.result() for future in futures]


# case: a time-out, which is what the pool is for
def with_time_out(items):
    results = []
    with ThreadPoolExecutor() as pool:
        for item in items:
            results.append(pool.submit(work, item).result(timeout=5))
    return results


# case: no loop
def single(item):
    with ProcessPoolExecutor() as pool:
        return pool.submit(work, item).result()


# case: apply waits
def applied(items):
    with Pool() as pool:
        return [pool.apply(work, (item,)) for item in items]  # expect: IOB310


# case: apply_async and get in one
def applied_async(items):
    results = []
    with Pool() as pool:
        for item in items:
            results.append(pool.apply_async(work, (item,)).get())  # expect: IOB310
    return results


# case: apply_async first
def applied_first(items):
    with Pool() as pool:
        pending = [pool.apply_async(work, (item,)) for item in items]
        return [each.get() for each in pending]


# case: awaiting is the event loop's matter
async def awaited(items):
    loop = asyncio.get_running_loop()
    return [await loop.run_in_executor(None, work, item) for item in items]


# case: something else that has a submit
class Form:
    def submit(self, item):
        return self

    def result(self):
        return None


def forms(items):
    form = Form()
    return [form.submit(item).result() for item in items]


# case: a thousand threads
def thousand(items):
    with ThreadPoolExecutor(1000) as pool:  # expect: IOB311
        return list(pool.map(work, items))


# case: more processes than CPUs
def hundred(items):
    with ProcessPoolExecutor(max_workers=100) as pool:  # expect: IOB311
        return list(pool.map(work, items))


# case: map over one worker
def one(items):
    with ThreadPoolExecutor(max_workers=1) as pool:  # expect: IOB311
        return list(pool.map(work, items))


# case: one worker that takes tasks in turn
def serializer():
    return ThreadPoolExecutor(max_workers=1)


# case: as many as there are CPUs
def as_many(items):
    with ProcessPoolExecutor(max_workers=os.cpu_count()) as pool:
        return list(pool.map(work, items))


# case: each thread is joined before the next one starts
def one_thread_at_a_time(items):
    for item in items:
        thread = threading.Thread(target=work, args=(item,))
        thread.start()
        thread.join()  # expect: IOB310


# case: threads that are joined when all run
def all_threads(items):
    threads = []
    for item in items:
        thread = threading.Thread(target=work, args=(item,))
        thread.start()
        threads.append(thread)
    for thread in threads:
        thread.join()


# case: gives up after a while
def with_patience(items):
    for item in items:
        thread = threading.Thread(target=work, args=(item,))
        thread.start()
        thread.join(5)
