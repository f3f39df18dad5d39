"""Linear systems with numpy and one BLAS thread."""

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np
from _ways import pooled, run

rng = np.random.default_rng(7)
SYSTEMS = [(rng.random((1100, 1100)), rng.random(1100)) for _ in range(50)]


def solve(system):
    matrix, right = system
    return float(np.linalg.norm(np.linalg.solve(matrix, right)))


def main():
    norms = []
    for number, system in enumerate(SYSTEMS):
        norms.append((number, solve(system)))
    print(max(norms, key=lambda pair: pair[1])[0])


if __name__ == "__main__":
    run(main, pooled(solve, SYSTEMS))
