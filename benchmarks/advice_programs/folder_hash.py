"""Walks a folder and hashes every file in blocks, to find duplicates."""

import hashlib
import os
import tempfile

from _ways import pooled, run


class DuplicateFinder:
    def __init__(self, root):
        self.root = root
        self.hashes = {}

    def hash_file(self, path, block=65536):
        digest = hashlib.sha1()
        with open(path, "rb") as file:
            while chunk := file.read(block):
                digest.update(chunk)
        return digest.hexdigest()

    def scan(self):
        for directory, _, names in os.walk(self.root):
            for name in names:
                path = os.path.join(directory, name)
                self.hashes.setdefault(self.hash_file(path), []).append(path)
        return [paths for paths in self.hashes.values() if len(paths) > 1]


def fill(root):
    paths = []
    for number in range(60):
        directory = os.path.join(root, f"d{number % 6}")
        os.makedirs(directory, exist_ok=True)
        paths.append(os.path.join(directory, f"{number}.bin"))
        with open(paths[-1], "wb") as file:
            file.write(bytes([number % 50]) * 25_000_000)
    return paths


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(dir=".") as root:
        paths = fill(root)
        finder = DuplicateFinder(root)
        run(lambda: print(len(finder.scan())), pooled(finder.hash_file, paths))
