"""One call of native code that cannot be divided: numpy sorts one array."""

import numpy as np
from _ways import run


def main():
    values = np.random.default_rng(7).random(20_000_000)
    values.sort()
    print(float(values[len(values) // 2]))


if __name__ == "__main__":
    run(main)
