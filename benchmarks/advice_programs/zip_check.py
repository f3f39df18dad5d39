"""Reads every member of a zip file and works out its checksums."""

import hashlib
import tempfile
import zipfile

from _ways import pooled, run


def sums(data):
    return [hashlib.new(name, data).hexdigest() for name in ("md5", "sha1", "sha256")]


def digest(path, name):
    with zipfile.ZipFile(path) as archive:
        return sums(archive.read(name))


def main(path):
    digests = {}
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            digests[info.filename] = sums(archive.read(info))
    print(len(digests))


class One:
    def __init__(self, path):
        self.path = path

    def __call__(self, name):
        return digest(self.path, name)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/data.zip"
        names = [f"part{number}.csv" for number in range(40)]
        block = b"".join(b"%d,%d,text\n" % (n, n * 7919 % 10_007) for n in range(600)) * 1500
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for name in names:
                archive.writestr(name, block)
        run(lambda: main(path), pooled(One(path), names))
