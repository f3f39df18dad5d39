"""Packages that may be installed: each probe imports what it needs, and is left out where that is not there."""

import functools
from collections.abc import Callable
from typing import Any

from catalogue_probes.files import SLOW
from catalogue_probes.stage import Act, Probe, Stage
from catalogue_probes.waiting import tolerant


def _call(module: str, name: str, make: Callable[[Stage], tuple[Any, ...]]) -> Probe:
    """A function of a module on what a stage has."""

    def probe(stage: Stage) -> Act:
        import importlib

        return (functools.reduce(getattr, name.split("."), importlib.import_module(module)), *make(stage))

    return probe


def _engine(stage: Stage) -> Any:
    import sqlalchemy

    return sqlalchemy.create_engine("sqlite://", poolclass=sqlalchemy.pool.StaticPool)


def _statement() -> Any:
    import sqlalchemy

    return sqlalchemy.text(SLOW)


def _alchemy(method: str) -> Probe:
    return lambda stage: (getattr(_engine(stage).connect(), method), _statement())


def _session(method: str) -> Probe:
    def make(stage: Stage) -> Act:
        import sqlalchemy.orm

        return (getattr(sqlalchemy.orm.Session(_engine(stage)), method), _statement())

    return make


def _requests(method: str) -> Probe:
    return lambda stage: (_call("requests", method, lambda _: ())(stage)[0], stage.url)


def _http_session(package: str, kind: str, method: str) -> Probe:
    return lambda stage: (getattr(stage.keep(_call(package, kind, lambda _: ())(stage)[0]()), method), stage.url)


def _redis(stage: Stage) -> Any:
    import redis

    return redis.Redis(port=stage.ports["redis"], protocol=2)


def _s3(stage: Stage) -> Any:
    import boto3

    secret = {"aws_access_key_id": "a", "aws_secret_access_key": "b", "region_name": "eu-west-1"}
    return boto3.client("s3", endpoint_url=stage.url, **secret)


def _peewee(stage: Stage) -> Act:
    import peewee

    base = peewee.SqliteDatabase(":memory:", thread_safe=False)
    return (base.execute_sql, SLOW)


def _pymongo(stage: Stage) -> Act:
    import pymongo

    client = stage.keep(pymongo.MongoClient("mongodb://127.0.0.1:9", serverSelectionTimeoutMS=30))
    return tolerant(client.server_info)


def _cipher(stage: Stage) -> Act:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return (AESGCM(b"k" * 32).encrypt, b"n" * 12, stage.noise * 5, None)


def _fernet(stage: Stage) -> Act:
    from cryptography.fernet import Fernet

    return (Fernet(Fernet.generate_key()).encrypt, stage.noise)


def _derived(stage: Stage) -> Act:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

    return (lambda: PBKDF2HMAC(SHA256(), 32, b"salt", 40_000).derive(b"secret"),)


def _rsa(stage: Stage) -> Act:
    from cryptography.hazmat.primitives.asymmetric import rsa

    return (rsa.generate_private_key, 65537, 2048)


def _updated(stage: Stage) -> Act:
    from cryptography.hazmat.primitives import hashes

    return (hashes.Hash(hashes.SHA256()).update, stage.noise)


def _duck(stage: Stage) -> Act:
    import duckdb

    return (duckdb.connect().execute, "SELECT sum(i * 1.5), count(DISTINCT i % 1000) FROM range(3000000) t(i)")


def _polars(act: Callable[[Any], object]) -> Probe:
    def make(stage: Stage) -> Act:
        import polars

        frame = polars.DataFrame({"key": [n % 97 for n in range(300_000)], "a": stage.numbers[:300_000]})
        return (act, frame)

    return make


def _template(stage: Stage) -> Act:
    import jinja2

    return (
        jinja2.Template("{% for r in rows %}{{ r.name }}: {{ r.score }}\n{% endfor %}").render,
        {"rows": stage.rows[:3000]},
    )


def _validated(stage: Stage) -> Act:
    import pydantic

    return (pydantic.TypeAdapter(list[dict[str, Any]]).validate_json, stage.document)


PROBES: dict[str, Probe] = {
    "lxml.etree.fromstring": _call("lxml.etree", "fromstring", lambda s: (s.markup,)),
    "lxml.etree.XML": _call("lxml.etree", "XML", lambda s: (s.markup,)),
    "lxml.etree.parse": _call("lxml.etree", "parse", lambda s: (s.file(s.markup.encode()),)),
    "lxml.etree.tostring": lambda s: (
        _call("lxml.etree", "tostring", lambda _: ())(s)[0],
        _call("lxml.etree", "fromstring", lambda _: ())(s)[0](s.markup),
    ),
    "lxml.html.fromstring": _call("lxml.html", "fromstring", lambda s: (s.markup,)),
    "orjson.dumps": _call("orjson", "dumps", lambda s: (s.rows,)),
    "orjson.loads": _call("orjson", "loads", lambda s: (s.document,)),
    "ujson.dumps": _call("ujson", "dumps", lambda s: (s.rows,)),
    "ujson.loads": _call("ujson", "loads", lambda s: (s.document,)),
    "simplejson.dumps": _call("simplejson", "dumps", lambda s: (s.rows,)),
    "simplejson.loads": _call("simplejson", "loads", lambda s: (s.document,)),
    "msgpack.packb": _call("msgpack", "packb", lambda s: (s.rows,)),
    "msgpack.unpackb": lambda s: (
        _call("msgpack", "unpackb", lambda _: ())(s)[0],
        _call("msgpack", "packb", lambda _: ())(s)[0](s.rows),
    ),
    "yaml.safe_load": _call("yaml", "safe_load", lambda s: ("".join(f"- k{n}: v\n" for n in range(1000)),)),
    "yaml.safe_dump": _call("yaml", "safe_dump", lambda s: (s.rows[:300],)),
    "regex.findall": _call("regex", "findall", lambda s: (r"(\w+)@(\w+)|zz+(\d)", s.prose)),
    "regex.search": _call("regex", "search", lambda s: (r"(\w+)@(\w+)|zz+(\d)", s.prose)),
    "regex.sub": _call("regex", "sub", lambda s: (r"(\w+)@(\w+)|zz+(\d)", "x", s.prose)),
    "xxhash.xxh64": _call("xxhash", "xxh64", lambda s: (s.noise * 20,)),
    "xxhash.xxh32": _call("xxhash", "xxh32", lambda s: (s.noise * 20,)),
    "xxhash.xxh3_64": _call("xxhash", "xxh3_64", lambda s: (s.noise * 40,)),
    "zstandard.compress": _call("zstandard", "compress", lambda s: (s.noise * 2,)),
    "lz4.frame.compress": _call("lz4.frame", "compress", lambda s: (s.noise * 5,)),
    "lz4.block.compress": _call("lz4.block", "compress", lambda s: (s.noise * 5,)),
    "brotli.compress": _call("brotli", "compress", lambda s: (s.prose.encode()[:200_000],)),
    "bcrypt.hashpw": lambda s: (lambda bcrypt: bcrypt.hashpw(b"secret", bcrypt.gensalt(6)), __import__("bcrypt")),
    "argon2.PasswordHasher.hash": lambda s: (_call("argon2", "PasswordHasher", lambda _: ())(s)[0]().hash, "secret"),
    "rapidfuzz.fuzz.ratio": _call("rapidfuzz.fuzz", "ratio", lambda s: (s.prose[:20_000], s.prose[20_000:40_000])),
    "rapidfuzz.process.extract": _call("rapidfuzz.process", "extract", lambda s: ("alpha", s.prose.split())),
    "cryptography.hazmat.primitives.ciphers.aead.AESGCM.encrypt": _cipher,
    "cryptography.fernet.Fernet.encrypt": _fernet,
    "cryptography.hazmat.primitives.kdf.pbkdf2.PBKDF2HMAC.derive": _derived,
    "cryptography.hazmat.primitives.asymmetric.rsa.generate_private_key": _rsa,
    "cryptography.hazmat.primitives.hashes.Hash.update": _updated,
    "pydantic.TypeAdapter.validate_json": _validated,
    "bs4.BeautifulSoup": _call("bs4", "BeautifulSoup", lambda s: (s.markup[:100_000], "html.parser")),
    "jinja2.Template.render": _template,
    "duckdb.DuckDBPyConnection.execute": _duck,
    "polars.DataFrame.sort": _polars(lambda frame: frame.sort("a")),
    "polars.DataFrame.group_by": _polars(lambda frame: frame.group_by("key").sum()),
    "polars.DataFrame.to_dicts": _polars(lambda frame: frame.to_dicts()),
    "polars.DataFrame.rows": _polars(lambda frame: frame.rows()),
    **{f"requests.{method}": _requests(method) for method in "get post put patch delete head options".split()},
    **{
        f"requests.Session.{m}": _http_session("requests", "Session", m)
        for m in "get post put patch delete head options".split()
    },
    **{
        f"httpx.{method}": _call("httpx", method, lambda s: (s.url,))
        for method in "get post put patch delete head options".split()
    },
    **{
        f"httpx.Client.{m}": _http_session("httpx", "Client", m)
        for m in "get post put patch delete head options".split()
    },
    "urllib3.request": _call("urllib3", "request", lambda s: ("GET", s.url)),
    "urllib3.PoolManager.request": lambda s: (
        _call("urllib3", "PoolManager", lambda _: ())(s)[0]().request,
        "GET",
        s.url,
    ),
    "urllib3.PoolManager.urlopen": lambda s: (
        _call("urllib3", "PoolManager", lambda _: ())(s)[0]().urlopen,
        "GET",
        s.url,
    ),
    "sqlalchemy.engine.Connection.execute": _alchemy("execute"),
    "sqlalchemy.engine.Connection.scalar": _alchemy("scalar"),
    "sqlalchemy.engine.Connection.scalars": _alchemy("scalars"),
    "sqlalchemy.engine.Connection.exec_driver_sql": lambda s: (_engine(s).connect().exec_driver_sql, SLOW),
    "sqlalchemy.orm.Session.execute": _session("execute"),
    "sqlalchemy.orm.Session.scalar": _session("scalar"),
    "sqlalchemy.orm.Session.scalars": _session("scalars"),
    "peewee.Database.execute_sql": _peewee,
    "redis.Redis.*": lambda s: (_redis(s).get, "key"),
    "redis.client.Pipeline.execute": lambda s: (
        lambda client: client.pipeline(transaction=False).get("a").execute(),
        _redis(s),
    ),
    "boto3.client.*": lambda s: tolerant(_s3(s).head_object, Bucket="bucket", Key="key"),
    "boto3.client": lambda s: (lambda: _s3(s),),
    "pymongo.MongoClient.server_info": _pymongo,
    "pymysql.connect": lambda s: tolerant(
        _call("pymysql", "connect", lambda _: ())(s)[0], host="127.0.0.1", port=s.ports["silent"]
    ),
    "psycopg.connect": lambda s: tolerant(
        _call("psycopg", "connect", lambda _: ())(s)[0], f"host=127.0.0.1 port={s.ports['silent']}"
    ),
    "psycopg2.connect": lambda s: tolerant(
        _call("psycopg2", "connect", lambda _: ())(s)[0], f"host=127.0.0.1 port={s.ports['silent']}"
    ),
    "filelock.FileLock.acquire": lambda s: tolerant(_busy_lock(s).acquire, timeout=0.03),
    "psutil.process_iter": _call("psutil", "process_iter", lambda s: (["name", "cmdline"],)),
    "psutil.virtual_memory": _call("psutil", "virtual_memory", lambda s: ()),
}


def _busy_lock(stage: Stage) -> Any:
    import filelock

    path = str(stage.folder / "lock")
    holder = filelock.FileLock(path, thread_local=False)
    holder.acquire()
    return filelock.FileLock(path, thread_local=False)
