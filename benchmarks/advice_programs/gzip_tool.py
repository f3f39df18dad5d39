"""Calls `gzip` for every file of a folder with `subprocess.run`."""

import subprocess
import tempfile
from pathlib import Path

from _ways import pooled, run


def compress(path):
    subprocess.run(["gzip", "-9", "-k", "-f", str(path)], check=True)
    return path.with_suffix(path.suffix + ".gz").stat().st_size


def main(folder):
    for path in sorted(folder.glob("*.txt")):
        size = compress(path)
        print(f"{path.name}: {path.stat().st_size} -> {size}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        text = "\n".join(f"{n * 2654435761 % 1_000_003} some text" for n in range(90_000))
        for number in range(16):
            (folder / f"{number:02d}.txt").write_text(text)
        run(
            lambda: main(folder), pooled(compress, sorted(folder.glob("*.txt"))), {"threads": (2, 4), "processes": (2,)}
        )
