"""Reads every member of a zip file and works out its checksum."""

import hashlib
import tempfile
import zipfile

from _ways import pooled, run


def digest(path, name):
    with zipfile.ZipFile(path) as archive:
        return hashlib.sha256(archive.read(name)).hexdigest()


def main(path):
    digests = {}
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            digests[info.filename] = hashlib.sha256(archive.read(info)).hexdigest()
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
        block = b"".join(b"%d,%d,text\n" % (n, n * 7919 % 10_007) for n in range(60_000)) * 10
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for name in names:
                archive.writestr(name, block)
        run(lambda: main(path), pooled(One(path), names))
