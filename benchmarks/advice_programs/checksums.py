"""Checksums of files, read in pieces, as a script with argparse would do."""

import hashlib
import tempfile
from pathlib import Path

from _ways import pooled, run


def checksum(path):
    digest = hashlib.sha3_512()
    with open(path, "rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()


def main(folder):
    for path in sorted(Path(folder).iterdir()):
        print(checksum(path)[:12], path.name)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        block = bytes(range(256)) * 4096
        for number in range(36):
            with open(f"{folder}/part{number:02}", "wb") as file:
                file.writelines([block] * 16)
        run(lambda: main(folder), pooled(checksum, sorted(Path(folder).iterdir())))
