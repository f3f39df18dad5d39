# rules: IOB501, IOB502, IOB503, IOB504, IOB509, IOB512
import asyncio
import functools
import multiprocessing
import multiprocessing as mp
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from functools import lru_cache, partial, wraps
from multiprocessing import Pool, get_context
from multiprocessing.pool import ThreadPool

import joblib
import pandas as pd
import ray
from dask.distributed import Client
from joblib import Parallel, delayed
from loky import get_reusable_executor
from pathos.multiprocessing import ProcessingPool


def work(item):
    return item + 1


# case: a lambda for a pool of multiprocessing
def lambda_to_pool(items):
    with Pool() as pool:
        return pool.map(lambda item: item + 1, items)  # expect: IOB501


# case: a lambda for an executor
def lambda_to_executor(items):
    with ProcessPoolExecutor() as executor:
        return list(executor.map(lambda item: item + 1, items))  # expect: IOB501


# case: a lambda that has a name
double = lambda item: item * 2  # noqa: E731


def named_lambda(items):
    with Pool() as pool:
        return pool.map(double, items)  # expect: IOB501


# case: a lambda within a partial
def lambda_in_partial(items):
    with Pool() as pool:
        return pool.map(partial(lambda offset, item: item + offset, 3), items)  # expect: IOB501


# case: a lambda among the arguments
def lambda_as_argument(executor: ProcessPoolExecutor, items):
    return executor.submit(sorted, items, key=lambda item: -item)  # expect: IOB501


# case: a lambda in the event loop's pool of processes
async def lambda_in_executor(item):
    loop = asyncio.get_running_loop()
    with ProcessPoolExecutor() as executor:
        return await loop.run_in_executor(executor, lambda: item + 1)  # expect: IOB501


# case: a lambda by keyword
def lambda_by_keyword(pool: multiprocessing.pool.Pool):
    return pool.apply_async(func=lambda: 1)  # expect: IOB501


# case: a lambda for a process with its own context
def lambda_in_context(items):
    with get_context("spawn").Pool(2) as pool:
        return pool.map(lambda item: item, items)  # expect: IOB501


# case: a lambda that calls back in the parent
def callback(pool: multiprocessing.pool.Pool, item):
    return pool.apply_async(work, (item,), callback=lambda found: print(found))


# case: threads take lambdas
def threads(items):
    with ThreadPoolExecutor() as executor:
        first = list(executor.map(lambda item: item + 1, items))
    with ThreadPool() as pool:
        return first + pool.map(lambda item: item + 1, items)


# case: an executor of which nobody knows what it is
def some_executor(executor: Executor, items):
    return list(executor.map(lambda item: item + 1, items))


# case: the built-in map
def builtin_map(items):
    return list(map(lambda item: item + 1, items))


# case: loky pickles functions whole
def loky(items):
    return list(get_reusable_executor().map(lambda item: item + 1, items))


# case: joblib pickles functions whole
def with_joblib(items):
    joblib.Parallel(n_jobs=2)(joblib.delayed(lambda item: item)(item) for item in items)
    return Parallel(n_jobs=2)(delayed(lambda item: item + 1)(item) for item in items)


# case: dask, ray and pathos pickle functions whole
def others(items):
    ray.remote(lambda: 1).remote()
    client = Client()
    client.map(lambda item: item + 1, items)
    return ProcessingPool().map(lambda item: item + 1, items)


# case: an object with a method of the same name
class Frame:
    def map(self, function, items):
        return [function(item) for item in items]


def own_map(items):
    return Frame().map(lambda item: item, items)


def frame_map(frame: pd.DataFrame):
    return frame.map(lambda item: item)


# case: a parameter that shadows the pool
def shadowed(Pool, items):
    with Pool() as pool:
        return pool.map(lambda item: item, items)


# case: a function inside a function
def nested(items):
    def inner(item):
        return item + 1

    with Pool() as pool:
        return pool.map(inner, items)  # expect: IOB502


# case: a function inside a method, for an executor that is kept
class Crawler:
    def __init__(self):
        self.executor = ProcessPoolExecutor()

    def crawl(self, items):
        def one(item):
            return item

        return [self.executor.submit(one, item) for item in items]  # expect: IOB502


# case: a function inside a function, bound by partial
def nested_partial(items):
    def inner(offset, item):
        return item + offset

    bound = functools.partial(inner, 3)
    with ProcessPoolExecutor() as executor:
        return list(executor.map(bound, items))  # expect: IOB502


# case: a process that may be forked takes it or not
def nested_process():
    def inner():
        return 1

    process = mp.Process(target=inner)  # expect: IOB502
    process.start()
    process.join()


# case: an initializer inside a function
def nested_initializer():
    def prepare():
        return None

    with Pool(2, initializer=prepare) as pool:  # expect: IOB502
        return pool.map(work, [1, 2])


# case: at the top of the module
def top(items):
    with Pool() as pool:
        return pool.map(work, items)


# case: a partial of a function at the top
def top_partial(items):
    with Pool() as pool:
        return pool.map(partial(max, 3), items)


# case: made global
def made_global(items):
    global published

    def published(item):
        return item

    with Pool() as pool:
        return pool.map(published, items)


# case: an inner function that runs here and only hands over plain data
def helper_inside(items):
    def prepared():
        return [item for item in items]

    with Pool() as pool:
        return pool.map(work, prepared())


# case: decorated without wraps
def bare(function):
    def wrapper(*args):
        return function(*args)

    return wrapper


@bare
def hidden(item):
    return item


def unwrapped(items):
    with Pool() as pool:
        return pool.map(hidden, items)  # expect: IOB503


# case: a decorator with arguments, without wraps
def times(number):
    def decorator(function):
        def wrapper(*args):
            return [function(*args) for _ in range(number)]

        return wrapper

    return decorator


@times(3)
def thrice(item):
    return item


def unwrapped_with_arguments(executor: ProcessPoolExecutor):
    return executor.submit(thrice, 1)  # expect: IOB503


# case: a class as decorator
class Counted:
    def __init__(self, function):
        self.function = function

    def __call__(self, *args):
        return self.function(*args)


@Counted
def counted(item):
    return item


def class_decorated(items):
    with Pool() as pool:
        return pool.map(counted, items)  # expect: IOB503


# case: decorated with wraps
def good(function):
    @wraps(function)
    def wrapper(*args):
        return function(*args)

    return wrapper


@good
def wrapped(item):
    return item


def wrapped_function(items):
    with Pool() as pool:
        return pool.map(wrapped, items)


# case: update_wrapper does the same
def updating(function):
    def wrapper(*args):
        return function(*args)

    return functools.update_wrapper(wrapper, function)


@updating
def updated(item):
    return item


def updated_function(items):
    with Pool() as pool:
        return pool.map(updated, items)


# case: a decorator that gives the function back
REGISTRY = []


def registered(function):
    REGISTRY.append(function)
    return function


@registered
@lru_cache
def kept(item):
    return item


def kept_function(items):
    with Pool() as pool:
        return pool.map(kept, items)


# case: an instance of a local class as the function
def local_callable(items):
    class Add:
        def __call__(self, item):
            return item + 1

    with Pool() as pool:
        return pool.map(Add(), items)  # expect: IOB512


def run_both(items):
    with Pool() as pool:
        return pool.map(only_here, items), pool.map(work, items)  # expect: IOB509


# case: under the main guard
if __name__ == "__main__":

    def only_here(item):
        return item

    run_both([1, 2])
