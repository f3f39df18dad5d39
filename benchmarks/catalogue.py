"""Whether what the call catalogue says is so on this machine.

    python benchmarks/catalogue.py [--install] [--names-only] [--all] [--json FILE] [PATTERN…]

Each entry that can be run is run under the GIL probe (`catalogue_probes/gil.py`): confirmed, unclear, contradicted, or
why it could not be run. Each name whose package is installed is looked up, its asyncio alternative too; what the
catalogue calls awaitable has to be a coroutine function; what it says of pickling is tried. Exit 1 when something
contradicts the catalogue. Patterns as in `requests.*` choose entries. `--install` makes benchmarks/.venv-catalogue with
the packages that there are probes for.
"""

import argparse
import gc
import json
import platform
import subprocess
import sys
import venv
import warnings
from collections import Counter
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "src")]

from catalogue_probes import computing, files, making, numeric, third_party, waiting  # noqa: E402
from catalogue_probes.gil import look_at  # noqa: E402
from catalogue_probes.names import CannotTell, NotThere, is_awaitable, resolved  # noqa: E402
from catalogue_probes.pickling import wrongly_said  # noqa: E402
from catalogue_probes.stage import Probe, Stage  # noqa: E402

from iobound.verbs.scan.catalogue.entries import Entry  # noqa: E402
from iobound.verbs.scan.catalogue.lookup import catalogue  # noqa: E402

PACKAGES = (
    "argon2-cffi bcrypt beautifulsoup4 boto3 brotli cryptography duckdb filelock h5py httpx jinja2 lxml lz4 msgpack "
    "numpy orjson pandas peewee pillow polars psutil psycopg[binary] psycopg2-binary pydantic pymongo pymysql pyyaml "
    "rapidfuzz redis regex requests scipy simplejson sqlalchemy ujson urllib3 xxhash zstandard "
    "aiofiles aiohttp aiosqlite anyio asyncpg trio websockets"
).split()
PROBES: dict[str, Probe] = {
    **waiting.PROBES,
    **files.PROBES,
    **computing.PROBES,
    **numeric.PROBES,
    **third_party.PROBES,
}
ELSEWHERE = {
    "io.IOBase.*": "stands for whatever open() gives",
    "dbapi.*": "stands for the objects of many drivers",
    "zlib.Compress.*": "its type has no importable name",
    "zlib.Decompress.*": "its type has no importable name",
    "xml.parsers.expat.xmlparser.*": "its type has no importable name",
    "*.Condition.acquire": "set by the constructor",
    "socketserver.StreamRequestHandler.?file.*": "set by the constructor",
    "ftplib.FTP.prot_p": "of FTP_TLS, which is looked up as FTP",
    "select.kqueue*": "BSD and macOS",
    "selectors.KqueueSelector.*": "BSD and macOS",
    "select.devpoll.*": "Solaris",
    "dbm.*": "each platform has some of them",
    "pathlib.Path.copy*": "since 3.14",
    "pathlib.Path.move*": "since 3.14",
    "pathlib.Path.walk": "since 3.12",
    "pathlib.Path.is_junction": "since 3.12",
    "pathlib.Path.link_to": "before 3.12",
    "concurrent.futures.InterpreterPoolExecutor*": "since 3.14",
    "duckdb.DuckDBPyConnection.*": "some methods are there before 2.0 only",
}
"""Names that are right although some interpreters and versions do not have them, or only instances do."""
BAD = ("contradicted", "no such name", "not awaitable")


@dataclass(frozen=True)
class Row:
    """What was found of an entry.

    Attributes:
        outcome: `confirmed`, `unclear`, `contradicted`, `could not be run`, `not probed`, `no such name`,
            `not awaitable` or `awaitable`.
        seen: The measured verdict, or why there is none.
    """

    name: str
    known: str
    said: str | None
    outcome: str
    seen: str
    held: float | None = None
    free: float | None = None
    slower: float | None = None
    call_s: float | None = None


def install() -> None:
    """Make the environment that the probes want, and go on in it."""
    folder = HERE / ".venv-catalogue"
    if not folder.exists():
        venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    for package in PACKAGES:  # one by one: what does not install is left out, and named in the table
        subprocess.run([python, "-m", "pip", "-q", "install", "--only-binary", ":all:", package], check=False)
    arguments = [word for word in sys.argv[1:] if word != "--install"]
    sys.exit(subprocess.run([python, __file__, *arguments], check=False).returncode)


def entries() -> dict[str, Entry]:
    """Every entry of the catalogue by its name."""
    known = catalogue()
    return {name: entry for name in known.names() if (entry := known.find(name)) is not None}


def judged(name: str, entry: Entry, probe: Probe | None, stage: Stage) -> Row:
    """Run an entry, or say why not."""
    try:
        there = named(name, entry)
    except Exception as error:
        there = Row(name, entry.provenance, entry.gil, "could not be run", f"{type(error).__name__}: {error}")
    if (probe is None and name not in making.MAKERS) or there.outcome in BAD:
        return there
    gc.collect()
    if probe is None:
        return reached(name, entry)
    try:
        call, *arguments = probe(stage)
        look = look_at(call, tuple(arguments))
    except Exception as error:
        return Row(name, entry.provenance, entry.gil, "could not be run", f"{type(error).__name__}: {error}")
    if look is None:
        return Row(name, entry.provenance, entry.gil, "could not be run", "other programs took the CPUs")
    outcome = look.against(entry.gil)
    if outcome == "contradicted" and not machine_is_quiet():
        return Row(
            name, entry.provenance, entry.gil, "could not be run", "a plain loop seems to hold the GIL: too busy"
        )
    return Row(name, entry.provenance, entry.gil, outcome, look.verdict, look.held, look.free, look.slower, look.call_s)


def machine_is_quiet() -> bool:
    """Whether a plain Python loop is seen as what it is; where CPU time is rationed, it stands still like a C call."""
    look = look_at(lambda: [number for number in range(300_000) if not number], ())
    return look is not None and look.verdict == "python"


def reached(name: str, entry: Entry) -> Row:
    """Whether what only makes an object reaches for somebody."""
    try:
        took_s, events = making.made(name)
    except Exception as error:
        return Row(name, entry.provenance, entry.gil, "could not be run", f"{type(error).__name__}: {error}")
    outcome = "contradicted" if events and entry.blocking == "no" else "confirmed"
    return Row(name, entry.provenance, entry.gil, outcome, ", ".join(events) or "reaches for nobody", call_s=took_s)


def named(name: str, entry: Entry) -> Row:
    """Whether the name leads to something, and to something awaitable where the entry says so."""
    if "*" in name:
        return Row(name, entry.provenance, entry.gil, "not probed", "a pattern")
    try:
        value = resolved(name)
    except CannotTell as error:
        return Row(name, entry.provenance, entry.gil, "could not be run", str(error))
    except NotThere:
        why = _elsewhere(name)
        return Row(name, entry.provenance, entry.gil, "not probed" if why else "no such name", why or "looked up")
    if entry.blocking == "await":
        awaitable = is_awaitable(value)
        if awaitable is not None:
            return Row(name, entry.provenance, entry.gil, "awaitable" if awaitable else "not awaitable", "")
    return Row(name, entry.provenance, entry.gil, "not probed", "nobody has written a probe")


def _elsewhere(name: str) -> str | None:
    return next((why for pattern, why in ELSEWHERE.items() if fnmatchcase(name, pattern)), None)


def missing_alternatives(known: dict[str, Entry]) -> list[str]:
    """Alternatives whose package is installed, but which lead nowhere."""
    lost = []
    for name, entry in known.items():
        other = entry.async_alternative
        if other is None or "*" in other or other in ("await",) or other.startswith("loop."):
            continue
        try:
            resolved(other)
        except NotThere:
            if _elsewhere(other) is None:
                lost.append(f"{name}: {other}")
        except CannotTell:
            pass
    return lost


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("patterns", nargs="*", metavar="PATTERN", help="only entries like this: requests.*")
    parser.add_argument("--install", action="store_true", help="make an environment with the packages first")
    parser.add_argument("--names-only", action="store_true", help="look names up, run nothing")
    parser.add_argument("--all", action="store_true", help="name every entry that was not confirmed")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all rows")
    options = parser.parse_args()
    if options.install:
        install()
    warnings.simplefilter("ignore")
    known = entries()
    lost = [name for name in PROBES if name not in known]
    chosen = {
        name: entry
        for name, entry in known.items()
        if not options.patterns or any(fnmatchcase(name, pattern) for pattern in options.patterns)
    }
    rows = [named(name, entry) for name, entry in chosen.items()] if options.names_only else run(chosen)
    dead = missing_alternatives(chosen)
    wrong = wrongly_said(catalogue())
    report(rows, dead, lost, unconfirmed=options.all)
    for line in wrong:
        print(f"PICKLING: {line}")
    if options.json:
        options.json.write_text(json.dumps([asdict(row) for row in rows], indent=1), encoding="utf-8")
    return 1 if any(row.outcome in BAD for row in rows) or lost or dead or wrong else 0


def run(chosen: dict[str, Entry]) -> list[Row]:
    """Judge entries one after another."""
    stage = Stage()
    try:
        in_order = sorted(
            chosen, key=lambda name: (name not in PROBES, name)
        )  # what is heard comes after what is probed
        return [judged(name, chosen[name], PROBES.get(name), stage) for name in in_order]
    finally:
        stage.close()


def report(rows: list[Row], lost_alternatives: list[str], lost_probes: list[str], *, unconfirmed: bool) -> None:
    """Print what was run, then what contradicts, then what could not be confirmed."""
    print(f"CPython {platform.python_version()}\n")
    print(f"{'entry':58} {'says':9} {'measured':9} {'held':>5} {'free':>5} {'a call':>10}")
    for row in rows:
        if row.held is not None and row.free is not None and row.call_s is not None:
            mark = "" if row.outcome == "confirmed" else f"  {row.outcome}"
            length = f"{row.call_s * 1e3:9.3f}ms"
            print(f"{row.name:58} {row.said or '-':9} {row.seen:9} {row.held:5.2f} {row.free:5.2f} {length}{mark}")
        elif row.call_s is not None:
            print(f"{row.name:58} {row.said or '-':9} {row.seen:21} {row.call_s * 1e3:9.3f}ms")
    for outcome in BAD:
        for row in rows:
            if row.outcome == outcome:
                print(f"{outcome.upper()}: {row.name} says {row.said}, seen: {row.seen}")
    for line in lost_alternatives:
        print(f"ALTERNATIVE NOT FOUND: {line}")
    for name in lost_probes:
        print(f"PROBE WITHOUT ENTRY: {name}")
    if unconfirmed:
        for row in rows:
            if row.outcome in ("could not be run", "not probed", "unclear"):
                print(f"{row.outcome}: {row.name} ({row.known}): {row.seen}")
    count = Counter(row.outcome for row in rows)
    print("\n" + ", ".join(f"{number} {outcome}" for outcome, number in count.most_common()))


if __name__ == "__main__":
    sys.exit(main())
