# rules: IOB3, IOB4
# case: what is handed over stands in other modules
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

from jobs import count_words, load, spin


def main(urls):
    with ThreadPoolExecutor() as pool:
        list(pool.map(count_words, urls))
        list(pool.map(spin, urls))  # expect: IOB301
    with ProcessPoolExecutor() as pool:
        list(pool.map(load, urls))  # expect: IOB303
