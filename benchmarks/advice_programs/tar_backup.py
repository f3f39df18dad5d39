"""Packs a folder into one compressed tar file: a single stream that cannot be divided."""

import os
import tarfile
import tempfile

from _ways import run


def backup(folder, target):
    with tarfile.open(target, "w:gz") as archive:
        for name in sorted(os.listdir(folder)):
            archive.add(os.path.join(folder, name), arcname=name)
    return os.path.getsize(target)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as root:
        folder = os.path.join(root, "in")
        os.mkdir(folder)
        text = "\n".join(f"{n * 2654435761 % 1_000_003} some text" for n in range(60_000))
        for number in range(20):
            with open(os.path.join(folder, f"{number:02d}.log"), "w") as file:
                file.write(text)
        run(lambda: print(backup(folder, os.path.join(root, "out.tar.gz"))))
