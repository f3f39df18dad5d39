"""A recursive search, with no loop over items that stands out."""

from concurrent.futures import ProcessPoolExecutor

from _ways import run

SIZE = 12


def place(row, columns, rising, falling):
    if row == SIZE:
        return 1
    return sum(
        place(row + 1, columns | {column}, rising | {row + column}, falling | {row - column})
        for column in range(SIZE)
        if column not in columns and row + column not in rising and row - column not in falling
    )


def main():
    print(place(0, frozenset(), frozenset(), frozenset()))


def first_row(column):
    return place(1, frozenset([column]), frozenset([column]), frozenset([-column]))


def on_processes(workers):
    with ProcessPoolExecutor(workers) as pool:
        print(sum(pool.map(first_row, range(SIZE))))


if __name__ == "__main__":
    run(main, {"processes": on_processes})
