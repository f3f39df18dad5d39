"""Runs a command for each file, and the command computes."""

import subprocess
import tempfile

from _ways import pooled, run


def digest(path):
    return subprocess.run(["sh", "-c", f"sort -r {path} | gzip -9 | cksum"], capture_output=True, text=True).stdout


def main(paths):
    results = [digest(path) for path in paths]
    print(len(results))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        paths = [f"{folder}/{number}.txt" for number in range(24)]
        text = "\n".join(str(number * 2654435761 % 1_000_003) for number in range(60_000))
        for path in paths:
            with open(path, "w") as file:
                file.write(text)
        run(lambda: main(paths), pooled(digest, paths), {"threads": (2, 4), "processes": (2,)})
