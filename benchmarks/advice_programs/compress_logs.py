"""Compresses files: a class with methods."""

import tempfile
import zlib
from pathlib import Path

from _ways import pooled, run


class Archiver:
    def __init__(self, folder, level=6):
        self.folder = Path(folder)
        self.level = level
        self.saved = 0

    def compress(self, path):
        data = path.read_bytes()
        packed = zlib.compress(data, self.level)
        path.with_suffix(".z").write_bytes(packed)
        return len(data) - len(packed)

    def run(self):
        for path in sorted(self.folder.glob("*.log")):
            self.saved += self.compress(path)
        return self.saved


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        lines = b"".join(b"%d GET /index/%d 200\n" % (number, number * 7919 % 1000) for number in range(120_000))
        for number in range(60):
            Path(folder, f"{number}.log").write_bytes(lines)
        archiver = Archiver(folder)
        run(lambda: print(archiver.run()), pooled(archiver.compress, sorted(Path(folder).glob("*.log"))))
