"""One pandas report per file: read, group, write."""

import glob
import os
import tempfile

import numpy as np
import pandas as pd
from _ways import pooled, run


def report(path):
    frame = pd.read_csv(path, parse_dates=["day"])
    frame["month"] = frame["day"].dt.strftime("%Y-%m")
    table = frame.groupby(["shop", "month"])["amount"].agg(["sum", "mean", "count"]).reset_index()
    table.to_csv(path.replace(".csv", ".out"), index=False)
    return len(table)


def main(folder):
    rows = 0
    for path in sorted(glob.glob(os.path.join(folder, "*.csv"))):
        rows += report(path)
    print(rows)


def fill(folder):
    rng = np.random.default_rng(1)
    days = pd.date_range("2023-01-01", periods=365).astype(str)
    frame = pd.DataFrame(
        {"day": rng.choice(days, 40_000), "shop": rng.integers(0, 50, 40_000), "amount": rng.random(40_000)}
    )
    text = frame.to_csv(index=False)
    paths = [os.path.join(folder, f"{number:02d}.csv") for number in range(14)]
    for path in paths:
        with open(path, "w") as file:
            file.write(text)
    return paths


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        paths = fill(folder)
        run(lambda: main(folder), pooled(report, paths))
