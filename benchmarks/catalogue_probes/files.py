"""Standard library: files, folders, SQLite, archives."""

import bz2
import codecs
import configparser
import csv
import dbm.dumb
import filecmp
import glob
import gzip
import importlib
import io
import json
import linecache
import lzma
import marshal
import mmap
import os
import pathlib
import pickle
import shelve
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from typing import Any

from catalogue_probes.stage import Act, Probe, Stage

SLOW = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 80000) SELECT sum(i) FROM n"


def _handle(stage: Stage, content: bytes | None = None) -> int:
    number = os.open(stage.file(content), os.O_RDWR)
    stage.keep(_Descriptor(number))
    return number


class _Descriptor:
    def __init__(self, number: int) -> None:
        self._number = number

    def close(self) -> None:
        os.close(self._number)


def _raw(stage: Stage, mode: str, buffering: int = -1, **options: Any) -> Any:
    return stage.keep(open(stage.file(), mode, buffering, **options))


def _again(file: Any, method: str, *arguments: object) -> Act:
    """From the start each time."""

    def act() -> None:
        file.seek(0)
        getattr(file, method)(*arguments)

    return (act,)


def _text(stage: Stage, mode: str) -> Any:
    return stage.keep(open(stage.file(stage.prose.encode() * 8), mode, encoding="utf-8"))


def _lines(stage: Stage, mode: str) -> Any:
    return stage.keep(open(stage.file(stage.prose.encode()), mode))


def _iterated(file: Any) -> Act:
    def act() -> None:
        file.seek(0)
        file.__next__()
        list(file)

    return (act,)


def _synced(stage: Stage, sync: Callable[[int], object]) -> Act:
    number = _handle(stage)

    def act() -> None:
        os.pwrite(number, b"x" * 100_000, 0)
        sync(number)

    return (act,)


def _database(stage: Stage) -> sqlite3.Connection:
    base = stage.keep(sqlite3.connect(stage.file(b""), check_same_thread=False))
    base.execute("CREATE TABLE t (a INTEGER, b TEXT)")
    base.executemany("INSERT INTO t VALUES (?, ?)", [(n, f"text {n}") for n in range(20_000)])
    base.commit()
    return base


def _fetched(stage: Stage, fetch: Callable[[sqlite3.Cursor], object]) -> Act:
    base = _database(stage)
    return (lambda: fetch(base.execute("SELECT * FROM t")),)


def _committed(stage: Stage) -> Act:
    base = _database(stage)

    def act() -> None:
        base.executemany("INSERT INTO t VALUES (?, ?)", [(1, "x" * 1000)] * 500)
        base.commit()

    return (act,)


def _zip(stage: Stage) -> str:
    path = str(stage.folder / "some.zip")
    if not os.path.exists(path):
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for number in range(5):
                archive.writestr(f"part{number}", stage.noise)
    return path


def _tar(stage: Stage) -> str:
    path = str(stage.folder / "some.tgz")
    if not os.path.exists(path):
        with tarfile.open(path, "w:gz", compresslevel=1) as archive:
            archive.add(stage.file(), "one")
            archive.add(stage.file(), "two")
    return path


def _out(stage: Stage) -> str:
    return tempfile.mkdtemp(dir=stage.folder)


def _unpack(stage: Stage, open_it: Callable[[], Any], method: str, *arguments: object) -> Act:
    archive = stage.keep(open_it())
    if method.startswith("extract"):
        return (lambda: getattr(archive, method)(*arguments, path=_out(stage)),)
    return (lambda: getattr(archive, method)(*arguments),)


def _tarred(stage: Stage, method: str) -> Act:
    def act() -> None:
        with tarfile.open(_tar(stage)) as archive:
            named = {"filter": "data"} if method.startswith("extract") and hasattr(tarfile, "data_filter") else {}
            member = ("one",) if method == "extract" else ()
            getattr(archive, method)(*member, **({"path": _out(stage), **named} if "extract" in method else {}))

    return (act,)


def _copied(stage: Stage, copy: Callable[[str, str], object]) -> Act:
    source, target = stage.file(), stage.file(b"")
    return (copy, source, target)


def _cloned(stage: Stage) -> str:
    target = _out(stage) + "/copy"
    shutil.copytree(stage.tree, target)
    return target


def _mapped(stage: Stage) -> mmap.mmap:
    number = _handle(stage, bytes(40_000_000))
    return stage.keep(mmap.mmap(number, 0))


def _written(stage: Stage, number: int) -> Act:
    return (os.pwrite, number, stage.noise, 0)


def _sourced(stage: Stage) -> str:
    return stage.file(b"[part]\n" + b"".join(b"key%d = value\n" % n for n in range(3000)))


def _loaded(stage: Stage) -> Act:
    name = "made_module_for_the_probe"
    (stage.folder / f"{name}.py").write_text("total = 0\nfor n in range(200_000):\n    total += n\n")
    sys.path.insert(0, str(stage.folder))
    importlib.invalidate_caches()
    module = importlib.import_module(name)
    return (importlib.reload, module)


def _seek_read(stage: Stage, kind: Callable[[str], Any], packed: bytes) -> Act:
    path = stage.file(packed)

    def act() -> None:
        with kind(path) as file:
            file.read()

    return (act,)


def _dumped(stage: Stage, dump: Callable[[object, Any], object], *, text: bool = False) -> Act:
    path = str(stage.folder / "dumped")

    def act() -> None:
        with open(path, "w" if text else "wb") as file:
            dump(stage.rows, file)

    return (act,)


def _read_back(stage: Stage, load: Callable[[Any], object], content: bytes) -> Act:
    path = stage.file(content)

    def act() -> None:
        with open(path, "rb") as file:
            load(file)

    return (act,)


def _opened(path: str) -> None:
    with open(path, "rb"):
        pass


def _decoded(path: str) -> None:
    with codecs.open(path, "r", "utf-8") as file:
        file.read()


def _shelf(stage: Stage) -> Act:
    shelf = stage.keep(shelve.Shelf(dbm.dumb.open(str(stage.folder / "shelf"), "c")))  # noqa: SIM115  stays open
    return (shelf.__setitem__, "key", stage.rows[:1000])


ONE = "f1"
started: list["subprocess.Popen[bytes]"] = []
PROBES: dict[str, Probe] = {
    "os.read": lambda s: (os.pread, _handle(s), 4_000_000, 0),
    "os.pread": lambda s: (os.pread, _handle(s), 4_000_000, 0),
    "os.write": lambda s: (lambda number: (os.lseek(number, 0, 0), os.write(number, s.noise)), _handle(s)),
    "os.pwrite": lambda s: _written(s, _handle(s)),
    "os.fsync": lambda s: _synced(s, os.fsync),
    "os.fdatasync": lambda s: _synced(s, os.fdatasync),
    "os.stat": lambda s: (os.stat, s.many),
    "os.lstat": lambda s: (os.lstat, s.many),
    "os.fstat": lambda s: (os.fstat, _handle(s)),
    "os.access": lambda s: (os.access, s.many, os.R_OK),
    "os.listdir": lambda s: (os.listdir, s.many),
    "os.scandir": lambda s: (lambda folder: list(os.scandir(folder)), s.many),
    "os.walk": lambda s: (lambda folder: list(os.walk(folder)), s.tree),
    "os.fwalk": lambda s: (lambda folder: list(os.fwalk(folder)), s.tree),
    "os.mkdir": lambda s: (lambda: os.mkdir(f"{s.folder}/m{os.urandom(8).hex()}"),),
    "os.makedirs": lambda s: (lambda: os.makedirs(f"{s.folder}/m{os.urandom(8).hex()}/a/b"),),
    "os.chmod": lambda s: (os.chmod, s.file(b""), 0o600),
    "os.utime": lambda s: (os.utime, s.file(b"")),
    "os.truncate": lambda s: (os.truncate, s.file(b""), 100),
    "os.ftruncate": lambda s: (os.ftruncate, _handle(s), 100),
    "os.readlink": lambda s: (os.readlink, "/proc/self/exe"),
    "os.statvfs": lambda s: (os.statvfs, s.many),
    "os.replace": lambda s: (lambda path: (os.replace(path, path + "2"), os.replace(path + "2", path)), s.file(b"")),
    "os.open": lambda s: (lambda path: os.close(os.open(path, os.O_RDONLY)), s.file(b"")),
    "os.getcwd": lambda s: (os.getcwd,),
    "os.urandom": lambda s: (os.urandom, 4_000_000),
    "os.copy_file_range": lambda s: (os.copy_file_range, _handle(s), _handle(s), 4_000_000, 0, 0),
    "os.posix_spawn": lambda s: (os.posix_spawn, "/bin/true", ["true"], {}),
    "os.path.exists": lambda s: (os.path.exists, s.many),
    "os.path.isfile": lambda s: (os.path.isfile, s.many),
    "os.path.isdir": lambda s: (os.path.isdir, s.many),
    "os.path.islink": lambda s: (os.path.islink, s.many),
    "os.path.lexists": lambda s: (os.path.lexists, s.many),
    "os.path.getsize": lambda s: (os.path.getsize, s.many),
    "os.path.getmtime": lambda s: (os.path.getmtime, s.many),
    "os.path.ismount": lambda s: (os.path.ismount, s.many),
    "os.path.samefile": lambda s: (os.path.samefile, s.many, s.many),
    "os.path.realpath": lambda s: (os.path.realpath, f"{s.many}/{ONE}"),
    "os.path.abspath": lambda s: (os.path.abspath, ONE),
    "glob.glob": lambda s: (glob.glob, f"{s.many}/*"),
    "pathlib.Path.exists": lambda s: (pathlib.Path(s.many).exists,),
    "pathlib.Path.is_file": lambda s: (pathlib.Path(s.many).is_file,),
    "pathlib.Path.is_dir": lambda s: (pathlib.Path(s.many).is_dir,),
    "pathlib.Path.stat": lambda s: (pathlib.Path(s.many).stat,),
    "pathlib.Path.resolve": lambda s: (pathlib.Path(s.many).resolve,),
    "pathlib.Path.iterdir": lambda s: (lambda folder: list(folder.iterdir()), pathlib.Path(s.many)),
    "pathlib.Path.glob": lambda s: (lambda folder: list(folder.glob("*")), pathlib.Path(s.many)),
    "pathlib.Path.rglob": lambda s: (lambda folder: list(folder.rglob("*")), pathlib.Path(s.tree)),
    "pathlib.Path.read_bytes": lambda s: (pathlib.Path(s.file()).read_bytes,),
    "pathlib.Path.write_bytes": lambda s: (pathlib.Path(s.file()).write_bytes, s.noise),
    "pathlib.Path.read_text": lambda s: (pathlib.Path(s.file(s.prose.encode() * 8)).read_text, "utf-8"),
    "pathlib.Path.write_text": lambda s: (pathlib.Path(s.file()).write_text, s.prose * 8, "utf-8"),
    "pathlib.Path.open": lambda s: (lambda path: path.open("rb").close(), pathlib.Path(s.file())),
    "builtins.open": lambda s: (_opened, s.file()),
    "builtins.print": lambda s: (lambda out: print("x" * 50, file=out), _text(s, "w")),
    "codecs.open": lambda s: (_decoded, s.file(s.prose.encode())),
    "io.FileIO.read": lambda s: _again(_raw(s, "rb", 0), "read", 4_000_000),
    "io.FileIO.readinto": lambda s: _again(_raw(s, "rb", 0), "readinto", bytearray(4_000_000)),
    "io.FileIO.write": lambda s: _again(_raw(s, "wb", 0), "write", s.noise),
    "io.BufferedReader.read": lambda s: _again(_raw(s, "rb"), "read"),
    "io.BufferedReader.readinto": lambda s: _again(_raw(s, "rb"), "readinto", bytearray(4_000_000)),
    "io.BufferedReader.readline": lambda s: (lambda file: (file.seek(0), *iter(file.readline, b"")), _lines(s, "rb")),
    "io.BufferedReader.readlines": lambda s: _again(_lines(s, "rb"), "readlines"),
    "io.BufferedWriter.write": lambda s: _again(_raw(s, "wb"), "write", s.noise),
    "io.BufferedRandom.read": lambda s: _again(_raw(s, "r+b"), "read"),
    "io.BufferedRandom.write": lambda s: _again(_raw(s, "r+b"), "write", s.noise),
    "io.TextIOWrapper.read": lambda s: _again(_text(s, "r"), "read"),
    "io.TextIOWrapper.readlines": lambda s: _again(_text(s, "r"), "readlines"),
    "io.TextIOWrapper.__next__": lambda s: _iterated(_text(s, "r")),
    "io.TextIOWrapper.write": lambda s: _again(_text(s, "w"), "write", s.prose * 8),
    "io.TextIOWrapper.writelines": lambda s: _again(_text(s, "w"), "writelines", s.prose.split(" ") * 4),
    "mmap.mmap.__getitem__": lambda s: (_mapped(s).__getitem__, slice(0, 40_000_000)),
    "mmap.mmap.find": lambda s: (_mapped(s).find, b"not there"),
    "mmap.mmap.rfind": lambda s: (_mapped(s).rfind, b"not there"),
    "mmap.mmap.flush": lambda s: (
        lambda m: (m.__setitem__(slice(0, 40_000_000, 4096), bytes(9766)), m.flush()),
        _mapped(s),
    ),
    "shutil.copyfile": lambda s: _copied(s, shutil.copyfile),
    "shutil.copy": lambda s: _copied(s, shutil.copy),
    "shutil.copy2": lambda s: _copied(s, shutil.copy2),
    "shutil.copystat": lambda s: _copied(s, shutil.copystat),
    "shutil.copymode": lambda s: _copied(s, shutil.copymode),
    "shutil.copyfileobj": lambda s: (lambda a, b: (a.seek(0), shutil.copyfileobj(a, b)), _raw(s, "rb"), _raw(s, "wb")),
    "shutil.copytree": lambda s: (lambda: _cloned(s),),
    "shutil.rmtree": lambda s: (lambda: shutil.rmtree(_cloned(s)),),
    "shutil.move": lambda s: (lambda a: (shutil.move(a, a + "2"), shutil.move(a + "2", a)), s.file(b"")),
    "shutil.which": lambda s: (shutil.which, "no-such-program"),
    "shutil.disk_usage": lambda s: (shutil.disk_usage, s.many),
    "shutil.make_archive": lambda s: (shutil.make_archive, f"{s.folder}/made", "zip", s.tree),
    "filecmp.cmp": lambda s: (lambda a, b: (filecmp.clear_cache(), filecmp.cmp(a, b, False)), s.file(), s.file()),
    "linecache.updatecache": lambda s: (linecache.updatecache, s.file(s.prose.encode(), ".py")),
    "tempfile.mkdtemp": lambda s: (tempfile.mkdtemp, "", "t", str(s.folder)),
    "tempfile.mkstemp": lambda s: (lambda: os.close(tempfile.mkstemp(dir=s.folder)[0]),),
    "tempfile.NamedTemporaryFile": lambda s: (lambda: tempfile.NamedTemporaryFile(dir=s.folder).close(),),
    "tempfile.TemporaryFile": lambda s: (lambda: tempfile.TemporaryFile(dir=s.folder).close(),),
    "tempfile.TemporaryDirectory": lambda s: (lambda: tempfile.TemporaryDirectory(dir=s.folder).cleanup(),),
    "sqlite3.connect": lambda s: (lambda path: sqlite3.connect(path).close(), s.file(b"")),
    "sqlite3.Connection.execute": lambda s: (lambda base: base.execute(SLOW), _database(s)),
    "sqlite3.Connection.executemany": lambda s: (
        lambda base: base.executemany("INSERT INTO t VALUES (?, ?)", ((1, "x" * 3000) for _ in range(3000))),
        _database(s),
    ),
    "sqlite3.Connection.executescript": lambda s: (lambda base: base.executescript(SLOW + ";"), _database(s)),
    "sqlite3.Connection.commit": _committed,
    "sqlite3.Connection.backup": lambda s: (lambda base: base.backup(sqlite3.connect(":memory:")), _database(s)),
    "sqlite3.Cursor.execute": lambda s: (lambda base: base.cursor().execute(SLOW), _database(s)),
    "sqlite3.Cursor.fetchone": lambda s: _fetched(s, lambda cursor: list(iter(cursor.fetchone, None))),
    "sqlite3.Cursor.fetchmany": lambda s: _fetched(s, lambda cursor: cursor.fetchmany(20_000)),
    "sqlite3.Cursor.fetchall": lambda s: _fetched(s, lambda cursor: cursor.fetchall()),
    "sqlite3.Cursor.__next__": lambda s: _fetched(s, list),
    "zipfile.ZipFile.read": lambda s: _unpack(s, lambda: zipfile.ZipFile(_zip(s)), "read", "part1"),
    "zipfile.ZipFile.testzip": lambda s: _unpack(s, lambda: zipfile.ZipFile(_zip(s)), "testzip"),
    "zipfile.ZipFile.extractall": lambda s: _unpack(s, lambda: zipfile.ZipFile(_zip(s)), "extractall"),
    "zipfile.ZipFile.extract": lambda s: _unpack(s, lambda: zipfile.ZipFile(_zip(s)), "extract", "part1"),
    "zipfile.ZipFile.writestr": lambda s: (
        lambda: zipfile.ZipFile(f"{s.folder}/w.zip", "w", zipfile.ZIP_DEFLATED).writestr("one", s.noise),
    ),
    "tarfile.TarFile.extractall": lambda s: _tarred(s, "extractall"),
    "tarfile.TarFile.extract": lambda s: _tarred(s, "extract"),
    "tarfile.TarFile.getmembers": lambda s: _tarred(s, "getmembers"),
    "gzip.open": lambda s: _seek_read(s, gzip.open, gzip.compress(s.noise, 1)),
    "gzip.GzipFile": lambda s: _seek_read(s, gzip.GzipFile, gzip.compress(s.noise, 1)),
    "bz2.open": lambda s: _seek_read(s, bz2.open, bz2.compress(s.noise[:1_000_000])),
    "lzma.open": lambda s: _seek_read(s, lzma.open, lzma.compress(s.noise[:1_000_000], preset=0)),
    "configparser.ConfigParser.read": lambda s: (lambda path: configparser.ConfigParser().read(path), _sourced(s)),
    "csv.DictReader": lambda s: (lambda text: list(csv.DictReader(io.StringIO(text))), s.prose),
    "json.load": lambda s: _read_back(s, json.load, s.document.encode()),
    "json.dump": lambda s: _dumped(s, json.dump, text=True),
    "pickle.load": lambda s: _read_back(s, pickle.load, pickle.dumps(s.rows)),
    "pickle.dump": lambda s: _dumped(s, pickle.dump),
    "marshal.load": lambda s: _read_back(s, marshal.load, marshal.dumps(s.rows)),
    "marshal.dump": lambda s: _dumped(s, marshal.dump),
    "shelve.Shelf.__setitem__": _shelf,
    "importlib.reload": _loaded,
    "subprocess.Popen": lambda s: (lambda: started.append(subprocess.Popen(["/bin/true"])),),  # not its end
}
