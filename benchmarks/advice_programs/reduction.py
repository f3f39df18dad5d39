"""A sum of independent pure-Python terms."""

from _ways import pooled, run


def term(seed):
    inside = 0
    state = seed * 7919 + 1
    for _ in range(30_000):
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        first = state / 4294967296.0
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        second = state / 4294967296.0
        inside += first * first + second * second <= 1.0
    return inside


def main():
    total = 0
    for seed in range(260):
        total += term(seed)
    print(4 * total / (260 * 30_000))


if __name__ == "__main__":
    run(main, pooled(term, range(260)))
