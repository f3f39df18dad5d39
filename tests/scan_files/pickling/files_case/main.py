# rules: IOB5
from multiprocessing import Pool

from work import find, hidden, lines, safe, wrapped


def run(items):
    with Pool() as pool:
        # case: a decorator of another file hides the function
        first = pool.map(hidden, items)  # expect: IOB503
        # case: a decorator of another file that keeps the name
        second = pool.map(wrapped, items)
        # case: a generator function of another file
        third = pool.map(lines, items)  # expect: IOB507
        # case: results of functions of another file
        return first, second, third, pool.map(find, items), pool.map(safe, items)
