"""One item takes most of the time: no pool can help."""

from _ways import pooled, run

SIZES = [40_000] * 20 + [36_000_000] + [40_000] * 20


def energy(size):
    total = 0
    for number in range(size):
        total += number & 7
    return total


def main():
    print(sum(energy(size) for size in SIZES))


if __name__ == "__main__":
    run(main, pooled(energy, SIZES))
