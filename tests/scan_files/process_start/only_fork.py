# rules: IOB502, IOB601, IOB603, IOB606
import time
from multiprocessing import get_context

# case: everything that only a new interpreter would repeat, where the file asks for fork
CONTEXT = get_context("fork")
time.sleep(1)
DATA = None


def work(item):
    return DATA[item]


def fill():
    global DATA
    DATA = [1, 2]
    with CONTEXT.Pool(2) as pool:
        return pool.map(work, [0, 1])


def local():
    def inner():
        return 1

    process = CONTEXT.Process(target=inner)
    process.start()
    process.join()


fill()
