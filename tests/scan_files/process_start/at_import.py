# rules: IOB601, IOB604, IOB606
import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import Manager, Pool, Process

import requests


def work(item):
    return item


# case: a pool at the top of the module
with Pool(4) as pool:  # expect: IOB601
    pool.map(work, [1, 2])

# case: an executor at the top of the module
with ProcessPoolExecutor() as executor:  # expect: IOB601
    executor.map(work, [1, 2])

# case: a process at the top of the module
process = Process(target=work, args=(1,))
process.start()  # expect: IOB601

# case: a manager at the top of the module
manager = Manager()  # expect: IOB601

# case: in a loop at the top of the module
for number in range(3):
    multiprocessing.Pool(2).map(work, [number])  # expect: IOB601


# case: a function that does it is called at the top of the module
def run():
    with Pool(2) as inner:
        return inner.map(work, [1])


def main():
    return run()


main()  # expect: IOB601

# case: threads at the top of the module
with ThreadPoolExecutor() as threads:
    threads.map(work, [1, 2])


# case: a function that is not called at the top
def later():
    with Pool(2) as inner:
        return inner.map(work, [1])


# case: the start method while the module is imported
multiprocessing.set_start_method("spawn")  # expect: IOB604

# case: the start method, whatever was set before
multiprocessing.set_start_method("spawn", force=True)

# case: the start method, if it is not set yet
try:
    multiprocessing.set_start_method("spawn")
except RuntimeError:
    pass

# case: workers repeat what is fetched while their module is imported
RATES = requests.get("https://example.org/rates", timeout=10).json()  # expect: IOB606


# case: workers repeat it through a function
def load():
    time.sleep(2)
    return {}


PRICES = load()  # expect: IOB606

# case: under the main guard
if __name__ == "__main__":
    with Pool(4) as guarded:
        guarded.map(work, [1, 2])
    main()
    print(requests.get("https://example.org/", timeout=10))
