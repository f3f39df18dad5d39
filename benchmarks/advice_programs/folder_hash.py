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
    sources, paths = [], []
    for number in range(4):
        sources.append(os.path.join(root, f"{number}.bin"))
        with open(sources[-1], "wb") as file:
            file.write(bytes([number]) * 30_000_000)
    for number in range(90):
        directory = os.path.join(root, f"d{number % 6}")
        os.makedirs(directory, exist_ok=True)
        paths.append(os.path.join(directory, f"{number}.bin"))
        os.link(sources[number % 4], paths[-1])
    return sources + paths


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(dir=".") as root:
        paths = fill(root)
        finder = DuplicateFinder(root)
        run(lambda: print(len(finder.scan())), pooled(finder.hash_file, paths))
