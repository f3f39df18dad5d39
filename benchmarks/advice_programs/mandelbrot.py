"""The Mandelbrot set, row by row, in nested comprehensions."""

from _ways import pooled, run

WIDTH, HEIGHT, LIMIT = 480, 400, 200


def escape(c):
    z = 0
    for step in range(LIMIT):
        if abs(z) > 2:
            return step
        z = z * z + c
    return LIMIT


def row(y):
    return [escape(complex(3.2 * x / WIDTH - 2.2, 2.4 * y / HEIGHT - 1.2)) for x in range(WIDTH)]


def main():
    image = [row(y) for y in range(HEIGHT)]
    print(sum(map(sum, image)))


if __name__ == "__main__":
    run(main, pooled(row, range(HEIGHT)))
