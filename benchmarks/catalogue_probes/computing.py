"""Standard library: calls that compute."""

import array
import ast
import base64
import binascii
import bz2
import collections
import copy
import csv
import datetime
import decimal
import difflib
import email
import fractions
import functools
import gc
import gzip
import hashlib
import heapq
import hmac
import html.parser
import io
import ipaddress
import itertools
import json
import lzma
import marshal
import math
import pickle
import pprint
import random
import re
import secrets
import statistics
import string
import struct
import textwrap
import time
import tokenize
import tomllib
import unicodedata
import urllib.parse
import uuid
import xml.dom.minidom
import xml.etree.ElementTree as ElementTree
import xml.parsers.expat
import zlib
from collections import deque
from collections.abc import Callable

from catalogue_probes.stage import Act, Probe, Stage


def _drained(make: Callable[[], object]) -> Act:
    """An iterator to its end, in C."""
    return (lambda: deque(make(), maxlen=0),)  # type: ignore[arg-type]


def _hashed(name: str) -> Probe:
    return lambda stage: (getattr(hashlib, name), stage.noise)


def _big(digits: int = 3000) -> decimal.Decimal:
    decimal.getcontext().prec = digits
    return decimal.Decimal(7) / 3


def _mail(stage: Stage) -> str:
    return "Subject: hello\nFrom: a@b.example\n\n" + stage.prose[:300_000]


def _compressor(stage: Stage, make: Callable[[], object]) -> Act:
    return (lambda: make().compress(stage.noise[:500_000]),)  # type: ignore[attr-defined]


def _merged(stage: Stage) -> object:
    return heapq.merge(sorted(stage.numbers[:200_000]), sorted(stage.numbers[200_000:400_000]))


def _lines(stage: Stage) -> list[str]:
    return stage.prose.splitlines()


def _toml() -> str:
    return "".join(f"key{n} = {n}\n" for n in range(5000))


def _source(stage: Stage) -> str:
    return "".join(f"def f{n}(a, b):\n    return a + b * {n}\n" for n in range(4000))


def _digested(path: str) -> None:
    with open(path, "rb") as file:
        hashlib.file_digest(file, "sha256")


class _Page(html.parser.HTMLParser):
    pass


WORDS = re.compile(r"(\w+)@(\w+)|zz+(\d)")
PROBES: dict[str, Probe] = {
    **{f"hashlib.{name}": _hashed(name) for name in "md5 sha1 sha224 sha256 sha384 sha512 blake2b blake2s".split()},
    **{f"hashlib.{name}": _hashed(name) for name in "sha3_224 sha3_256 sha3_384 sha3_512".split()},
    "hashlib.new": lambda s: (hashlib.new, "sha256", s.noise),
    "hashlib.pbkdf2_hmac": lambda s: (hashlib.pbkdf2_hmac, "sha256", b"secret", b"salt", 30_000),
    "hashlib.scrypt": lambda s: (functools.partial(hashlib.scrypt, b"secret", salt=b"salt", n=4096, r=8, p=1),),
    "hashlib.file_digest": lambda s: (_digested, s.file()),
    "hmac.digest": lambda s: (hmac.digest, b"key", s.noise, "sha256"),
    "hmac.new": lambda s: (hmac.new, b"key", s.noise, "sha256"),
    "zlib.compress": lambda s: (zlib.compress, s.noise, 1),
    "zlib.decompress": lambda s: (zlib.decompress, zlib.compress(s.noise)),
    "zlib.crc32": lambda s: (zlib.crc32, s.noise * 5),
    "zlib.adler32": lambda s: (zlib.adler32, s.noise * 10),
    "zlib.Compress.compress": lambda s: _compressor(s, zlib.compressobj),
    "zlib.Decompress.decompress": lambda s: (
        lambda data: zlib.decompressobj().decompress(data),
        zlib.compress(s.noise),
    ),
    "gzip.compress": lambda s: (gzip.compress, s.noise, 1),
    "gzip.decompress": lambda s: (gzip.decompress, gzip.compress(s.noise * 2, 1)),
    "bz2.compress": lambda s: (bz2.compress, s.noise[:1_000_000], 1),
    "bz2.decompress": lambda s: (bz2.decompress, bz2.compress(s.noise[:1_000_000])),
    "bz2.BZ2Compressor.compress": lambda s: _compressor(s, bz2.BZ2Compressor),
    "bz2.BZ2Decompressor.decompress": lambda s: (
        lambda data: bz2.BZ2Decompressor().decompress(data),
        bz2.compress(s.noise[:1_000_000]),
    ),
    "lzma.compress": lambda s: (functools.partial(lzma.compress, s.noise[:1_000_000], preset=0),),
    "lzma.decompress": lambda s: (lzma.decompress, lzma.compress(s.prose.encode()[:2_000_000], preset=0)),
    "lzma.LZMACompressor.compress": lambda s: _compressor(s, lambda: lzma.LZMACompressor(preset=0)),
    "lzma.LZMADecompressor.decompress": lambda s: (
        lambda data: lzma.LZMADecompressor().decompress(data),
        lzma.compress(s.prose.encode(), preset=0),
    ),
    "binascii.crc32": lambda s: (binascii.crc32, s.noise * 5),
    "binascii.hexlify": lambda s: (binascii.hexlify, s.noise * 4),
    "binascii.unhexlify": lambda s: (binascii.unhexlify, binascii.hexlify(s.noise * 4)),
    "binascii.b2a_base64": lambda s: (binascii.b2a_base64, s.noise * 4),
    "binascii.a2b_base64": lambda s: (binascii.a2b_base64, binascii.b2a_base64(s.noise * 4)),
    "base64.b64encode": lambda s: (base64.b64encode, s.noise * 4),
    "base64.b64decode": lambda s: (base64.b64decode, base64.b64encode(s.noise * 4)),
    "base64.urlsafe_b64encode": lambda s: (base64.urlsafe_b64encode, s.noise * 4),
    "base64.urlsafe_b64decode": lambda s: (base64.urlsafe_b64decode, base64.urlsafe_b64encode(s.noise * 4)),
    "base64.b85encode": lambda s: (base64.b85encode, s.noise[:1_000_000]),
    "base64.b32encode": lambda s: (base64.b32encode, s.noise[:1_000_000]),
    "base64.a85encode": lambda s: (base64.a85encode, s.noise[:1_000_000]),
    "json.dumps": lambda s: (json.dumps, s.rows),
    "json.loads": lambda s: (json.loads, s.document),
    "pickle.dumps": lambda s: (pickle.dumps, s.rows),
    "pickle.loads": lambda s: (pickle.loads, pickle.dumps(s.rows)),
    "marshal.dumps": lambda s: (marshal.dumps, s.rows),
    "marshal.loads": lambda s: (marshal.loads, marshal.dumps(s.rows)),
    "copy.deepcopy": lambda s: (copy.deepcopy, s.rows[:2000]),
    "pprint.pformat": lambda s: (pprint.pformat, s.rows[:500]),
    "re.findall": lambda s: (re.findall, WORDS, s.prose),
    "re.search": lambda s: (re.search, WORDS, s.prose),
    "re.finditer": lambda s: _drained(lambda: re.finditer(r"z\w+", s.prose)),
    "re.sub": lambda s: (re.sub, r"z(\w+)", "x", s.prose),
    "re.subn": lambda s: (re.subn, r"z(\w+)", "x", s.prose),
    "re.split": lambda s: (re.split, r"z(\w+)", s.prose),
    "re.match": lambda s: (re.match, r"(?:\w+\s+)*?NOT", s.prose),
    "re.fullmatch": lambda s: (re.fullmatch, r"(?:\w+\W+)*X", s.prose[:200_000]),
    "re.compile": lambda s: (lambda: (re.purge(), re.compile("|".join(f"(?:ab{n}+c?)" for n in range(500)))),),
    "re.Pattern.findall": lambda s: (WORDS.findall, s.prose),
    "re.Pattern.search": lambda s: (WORDS.search, s.prose),
    "re.Pattern.sub": lambda s: (re.compile(r"z\w+").sub, "x", s.prose),
    "re.Pattern.split": lambda s: (re.compile(r"z\w+").split, s.prose),
    "re.Pattern.finditer": lambda s: _drained(lambda: WORDS.finditer(s.prose)),
    "builtins.sorted": lambda s: (sorted, s.numbers),
    "builtins.sum": lambda s: (sum, s.numbers * 4),
    "builtins.max": lambda s: (max, s.numbers * 4),
    "builtins.min": lambda s: (min, s.numbers * 4),
    "builtins.any": lambda s: (any, [0] * 10_000_000),
    "builtins.all": lambda s: (all, [1] * 10_000_000),
    "builtins.pow": lambda s: (pow, 3**3000, 7**1500, 11**2000),
    "builtins.compile": lambda s: (compile, _source(s), "x", "exec"),
    "builtins.list.sort": lambda s: (lambda numbers: list(numbers).sort(), s.numbers),
    "builtins.str.split": lambda s: (s.prose.split,),
    "builtins.str.join": lambda s: (" ".join, s.prose.split()),
    "builtins.str.replace": lambda s: (s.prose.replace, "alpha", "omega"),
    "builtins.str.encode": lambda s: (s.prose.encode, "utf-16"),
    "builtins.str.translate": lambda s: (s.prose.translate, str.maketrans("abc", "xyz")),
    "builtins.bytes.decode": lambda s: (s.prose.encode().decode,),
    "builtins.bytes.replace": lambda s: (s.noise.replace, b"a", b"bc"),
    "builtins.bytes.translate": lambda s: ((s.noise * 4).translate, bytes(range(256))),
    "builtins.bytes.find": lambda s: ((s.noise * 4).find, b"\0" * 40),
    "collections.Counter": lambda s: (collections.Counter, s.prose),
    "heapq.heapify": lambda s: (lambda numbers: heapq.heapify(list(numbers)), s.numbers),
    "heapq.nsmallest": lambda s: (heapq.nsmallest, 2000, s.numbers),
    "heapq.nlargest": lambda s: (heapq.nlargest, 2000, s.numbers),
    "heapq.merge": lambda s: _drained(lambda: _merged(s)),
    "itertools.product": lambda s: _drained(lambda: itertools.product(range(1000), range(1000))),
    "itertools.permutations": lambda s: _drained(lambda: itertools.permutations(range(9))),
    "itertools.combinations": lambda s: _drained(lambda: itertools.combinations(range(200), 3)),
    "itertools.accumulate": lambda s: _drained(lambda: itertools.accumulate(s.numbers)),
    "itertools.groupby": lambda s: _drained(lambda: itertools.groupby(s.prose)),
    "csv.reader": lambda s: _drained(lambda: csv.reader(io.StringIO(s.prose.replace(" ", ",")))),
    "csv.writer.writerows": lambda s: (csv.writer(io.StringIO()).writerows, [line.split() for line in _lines(s)]),
    "csv.DictWriter.writerows": lambda s: (csv.DictWriter(io.StringIO(), list(s.rows[0])).writerows, s.rows[:10_000]),
    "struct.pack": lambda s: (struct.pack, "500000d", *s.numbers),
    "struct.unpack": lambda s: (struct.unpack, "500000d", struct.pack("500000d", *s.numbers)),
    "struct.iter_unpack": lambda s: _drained(lambda: struct.iter_unpack("d", s.noise)),
    "array.array": lambda s: (array.array, "d", s.numbers),
    "math.fsum": lambda s: (math.fsum, s.numbers),
    "math.prod": lambda s: (math.prod, s.numbers),
    "math.factorial": lambda s: (math.factorial, 30_000),
    "math.comb": lambda s: (math.comb, 60_000, 30_000),
    "math.dist": lambda s: (math.dist, s.numbers, s.numbers),
    "decimal.Decimal.sqrt": lambda s: (_big(20_000).sqrt,),
    "decimal.Decimal.ln": lambda s: (_big().ln,),
    "decimal.Decimal.exp": lambda s: (_big().exp,),
    "fractions.Fraction": lambda s: (fractions.Fraction, "355/113"),
    "statistics.mean": lambda s: (statistics.mean, s.numbers[:20_000]),
    "statistics.stdev": lambda s: (statistics.stdev, s.numbers[:20_000]),
    "statistics.pstdev": lambda s: (statistics.pstdev, s.numbers[:20_000]),
    "statistics.median": lambda s: (statistics.median, s.numbers),
    "statistics.quantiles": lambda s: (statistics.quantiles, s.numbers),
    "random.shuffle": lambda s: (lambda numbers: random.shuffle(list(numbers)), s.numbers[:100_000]),
    "random.sample": lambda s: (random.sample, s.numbers, 50_000),
    "random.choices": lambda s: (functools.partial(random.choices, s.numbers, k=50_000),),
    "random.randint": lambda s: (random.randint, 1, 1000),
    "random.gauss": lambda s: (random.gauss, 0.0, 1.0),
    "random.uniform": lambda s: (random.uniform, 0.0, 1.0),
    "secrets.token_bytes": lambda s: (secrets.token_bytes, 4_000_000),
    "uuid.uuid4": lambda s: (uuid.uuid4,),
    "datetime.datetime.fromisoformat": lambda s: (datetime.datetime.fromisoformat, "2026-01-02T03:04:05+01:00"),
    "datetime.datetime.strptime": lambda s: (datetime.datetime.strptime, "2026-01-02", "%Y-%m-%d"),
    "time.strptime": lambda s: (time.strptime, "2026-01-02", "%Y-%m-%d"),
    "tomllib.loads": lambda s: (tomllib.loads, _toml()),
    "ast.parse": lambda s: (ast.parse, _source(s)),
    "gc.collect": lambda s: (gc.collect, s.rows and 2),
    "unicodedata.normalize": lambda s: (unicodedata.normalize, "NFD", s.prose),
    "string.Template.substitute": lambda s: (functools.partial(string.Template("$a and ${b}").substitute, a=1, b=2),),
    "textwrap.wrap": lambda s: (textwrap.wrap, s.prose[:60_000]),
    "textwrap.fill": lambda s: (textwrap.fill, s.prose[:60_000]),
    "difflib.SequenceMatcher.ratio": lambda s: (
        lambda a, b: difflib.SequenceMatcher(None, a, b).ratio(),
        "ab" * 300,
        "ba" * 300,
    ),
    "difflib.unified_diff": lambda s: (lambda a: list(difflib.unified_diff(a, a[::-1])), _lines(s)[:150]),
    "difflib.ndiff": lambda s: (lambda a: list(difflib.ndiff(a, a[5:])), _lines(s)[:30]),
    "difflib.get_close_matches": lambda s: (difflib.get_close_matches, "alpha", s.prose.split()[:2000]),
    "urllib.parse.urlsplit": lambda s: (
        lambda url: (urllib.parse.urlsplit.cache_clear(), urllib.parse.urlsplit(url)),
        "http://a.example/b?c=d",
    ),
    "urllib.parse.quote": lambda s: (urllib.parse.quote, s.prose[:200_000]),
    "urllib.parse.unquote": lambda s: (urllib.parse.unquote, "%20a" * 50_000),
    "urllib.parse.urlencode": lambda s: (urllib.parse.urlencode, {f"k{n}": n for n in range(5000)}),
    "ipaddress.ip_address": lambda s: (ipaddress.ip_address, "192.0.2.7"),
    "ipaddress.ip_network": lambda s: (ipaddress.ip_network, "192.0.2.0/24"),
    "email.message_from_string": lambda s: (email.message_from_string, _mail(s)),
    "email.message_from_bytes": lambda s: (email.message_from_bytes, _mail(s).encode()),
    "html.parser.HTMLParser.feed": lambda s: (lambda text: _Page().feed(text), s.markup[:200_000]),
    "tokenize.generate_tokens": lambda s: (
        lambda text: list(tokenize.generate_tokens(io.StringIO(text).readline)),
        _source(s)[:50_000],
    ),
    "xml.etree.ElementTree.fromstring": lambda s: (ElementTree.fromstring, s.markup),
    "xml.etree.ElementTree.XML": lambda s: (ElementTree.XML, s.markup),
    "xml.etree.ElementTree.parse": lambda s: (ElementTree.parse, s.file(s.markup.encode())),
    "xml.etree.ElementTree.iterparse": lambda s: (
        lambda path: deque(ElementTree.iterparse(path), 0),
        s.file(s.markup.encode()),
    ),
    "xml.etree.ElementTree.tostring": lambda s: (ElementTree.tostring, ElementTree.fromstring(s.markup)),
    "xml.parsers.expat.xmlparser.Parse": lambda s: (
        lambda text: xml.parsers.expat.ParserCreate().Parse(text, True),
        s.markup,
    ),
    "xml.dom.minidom.parseString": lambda s: (xml.dom.minidom.parseString, f"<list>{'<item>x</item>' * 2000}</list>"),
}
