# rules: IOB1
import asyncio
import gzip
import hashlib
import importlib.resources
import io
import json
import os
import shutil
import tempfile
import zipfile
from pathlib import Path

import aiofiles


# case: opened and read: told where it is opened
async def read(path):
    with open(path) as file:  # expect: IOB104
        return file.read()


# case: opened elsewhere
async def read_on(file: io.TextIOWrapper):
    return file.read()  # expect: IOB104


# case: all of a file is read while something else computes: that is told
async def digested(path):
    with open(path, "rb") as file:  # expect: IOB104~
        return hashlib.file_digest(file, "sha256")  # expect: IOB112


# case: files that come with the program
HERE = Path(__file__).parent
NAMES = HERE / "names.txt"


async def own_file():
    return NAMES.read_text(), (HERE / "more.txt").read_text()  # expect: IOB104~


# case: a file of its own that the caller names, and one of which nobody knows where it is
async def other_file(folder: Path, name):
    return (folder / name).read_text()  # expect: IOB104


# case: resources of a package
async def resource():
    with open(str(importlib.resources.files("names") / "all.txt")) as file:  # expect: IOB104~
        return file.read()


# case: opened and read at once is told once
async def read_at_once(path):
    return open(path).read()  # expect: IOB104


# case: a method of a path
async def read_text(path: Path):
    return (path / "data").read_text()  # expect: IOB104


# case: a path that is made here
async def write_bytes(name, data):
    Path(name).write_bytes(data)  # expect: IOB104


# case: a directory
async def listed(path):
    return os.listdir(path)  # expect: IOB104


# case: a whole tree of files
async def copied(source, target):
    shutil.copytree(source, target)  # expect: IOB104


# case: metadata takes microseconds
async def exists(path):
    return os.path.exists(path)  # expect: IOB104~


# case: names of paths
async def pure(path):
    name = os.path.join(path, "a")
    return os.path.normpath(name), os.path.basename(name), Path(path).with_suffix(".txt").name


# case: in memory
async def in_memory(data):
    text = io.StringIO()
    text.write("a")
    raw = io.BytesIO(data)
    return raw.read(), text.getvalue()


# case: in memory up to a size
async def spooled(data):
    with tempfile.SpooledTemporaryFile(max_size=1 << 20) as file:
        file.write(data)


# case: for coroutines
async def asynchronous(path):
    async with aiofiles.open(path) as file:
        return await file.read()


# case: handed over as a whole
async def handed_over(path):
    return await asyncio.to_thread(Path(path).read_text)


# case: printing
async def says(text):
    print(text)


# case: closing
async def closes(file: io.TextIOWrapper):
    file.close()


# case: an import where it is needed
async def imports_late(name):
    import json
    from importlib import import_module

    return json, import_module(name)


# case: a parameter named open
async def shadowed(open, path):
    return open(path)


# case: an attribute named open
class Store:
    async def open(self, path):
        return path

    async def use(self, path):
        return await self.open(path)


# case: a file format in memory
async def compressed(data):
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb") as file:
        file.write(data)
    archive = zipfile.ZipFile(io.BytesIO(data))
    return buffer.getvalue(), archive.namelist(), json.load(io.BytesIO(data))


# case: a file format on disk
async def compressed_file(path):
    with gzip.open(path) as file:  # expect: IOB104
        return file.read()


# case: read once, and kept
async def remembered(path, kept):
    if path not in kept:
        text = Path(path).read_text()  # expect: IOB104~
        kept[path] = text.split()
    return kept[path]


# case: read each time that something is missing, and not kept
async def forgotten(path, kept):
    if path not in kept:
        return Path(path).read_text()  # expect: IOB104
    return kept[path]
