"""joblib with as many workers as CPUs: parallel already."""

from _ways import run
from joblib import Parallel, delayed


def simulate(seed):
    state = seed
    total = 0
    for _ in range(60_000):
        state = (1103515245 * state + 12345) % 2147483648
        total += state % 6 + 1
    return total


def main(workers=2):
    totals = Parallel(n_jobs=workers)(delayed(simulate)(seed) for seed in range(300))
    print(sum(totals) / len(totals))


if __name__ == "__main__":
    run(main, {"processes": main}, {"processes": (4,)})
