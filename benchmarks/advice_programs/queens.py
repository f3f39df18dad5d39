"""Counts the ways to place queens by recursion, for each column of the first."""

from _ways import pooled, run

SIZE = 12


def place(row, columns, up, down):
    if row == SIZE:
        return 1
    total = 0
    for column in range(SIZE):
        if column in columns or row + column in up or row - column in down:
            continue
        total += place(row + 1, columns | {column}, up | {row + column}, down | {row - column})
    return total


def first(column):
    return place(1, frozenset({column}), frozenset({column}), frozenset({-column}))


def main():
    solutions = 0
    for column in range(SIZE):
        solutions += first(column)
    print(solutions)


if __name__ == "__main__":
    run(main, pooled(first, range(SIZE)))
