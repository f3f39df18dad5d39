"""Nested loops over a grid, pure Python, results by index."""

from _ways import pooled, run

SIDE = 170


def escape(row, column):
    point = complex(-2 + 3 * column / SIDE, -1.5 + 3 * row / SIDE)
    total = 0
    for shift in range(22):
        value = 0j
        for _ in range(60):
            total += 1
            value = value * value + point + shift * 1e-3
            if abs(value) > 2:
                break
    return total


def whole_row(row):
    return [escape(row, column) for column in range(SIDE)]


def main():
    picture = [[0] * SIDE for _ in range(SIDE)]
    for row in range(SIDE):
        for column in range(SIDE):
            picture[row][column] = escape(row, column)
    print(sum(map(sum, picture)))


if __name__ == "__main__":
    run(main, pooled(whole_row, range(SIDE)))
