"""IOB704 and IOB705: requests in workers without a time limit, and clients that are made anew in each iteration."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from iobound.model.finding import Confidence, Finding, Severity
from iobound.verbs.scan.loop.fixed import fixed_text
from iobound.verbs.scan.loop.flow import usage
from iobound.verbs.scan.loop.view import View
from iobound.verbs.scan.program.view import FileView, Resolved
from iobound.verbs.scan.rules.around import enclosing_tests, is_repeated, walked
from iobound.verbs.scan.rules.rule import Findings, Rule
from iobound.verbs.scan.syntax.names import Meaning
from iobound.verbs.scan.syntax.survey import Scope

_W, _H, _M = Severity.WARNING, Confidence.HIGH, Confidence.MEDIUM

ENDLESS = Rule("IOB704", "no-timeout-in-worker", _W, _H, "A worker may wait for one dead host for ever.")
CLIENT = Rule("IOB705", "client-per-call", _W, _H, "A loop makes a costly client again in each iteration.")
RULES = (ENDLESS, CLIENT)

_VERBS = ("get", "post", "put", "patch", "delete", "head", "options", "request")
_WITHOUT_LIMIT = {f"requests.{verb}": verb for verb in _VERBS} | {
    "urllib.request.urlopen": "urlopen",
    "socket.create_connection": "create_connection",
    "smtplib.SMTP": "SMTP",
    "ftplib.FTP": "FTP",
}
"""Calls that wait without end unless they are told a limit; with the name for people."""

_LIBRARIES = frozenset(name.partition(".")[0] for name in _WITHOUT_LIMIT)
_POSITION = {"urllib.request.urlopen": 2, "socket.create_connection": 1, "smtplib.SMTP": 3, "ftplib.FTP": 4}

_COSTLY = {
    "boto3.client": 0.03,
    "boto3.resource": 0.03,
    "boto3.session.Session": 0.01,
    "botocore.session.Session.create_client": 0.03,
    "ssl.create_default_context": 0.03,
    "sqlalchemy.create_engine": 0.001,
    "pymongo.MongoClient": 0.01,
    "redis.Redis": 0.001,
    "openai.OpenAI": 0.05,
    "anthropic.Anthropic": 0.05,
    "httpx.Client": 0.03,
    "httpx.AsyncClient": 0.03,
    "aiohttp.ClientSession": 0.01,
    "requests.Session": 0.001,
    "psycopg2.connect": 0.005,
    "psycopg.connect": 0.005,
    "pymysql.connect": 0.005,
    "MySQLdb.connect": 0.005,
    "mysql.connector.connect": 0.005,
    "pyodbc.connect": 0.01,
    "oracledb.connect": 0.05,
    "asyncpg.connect": 0.005,
    "sqlite3.connect": 0.0002,
    "smtplib.SMTP": 0.05,
    "imaplib.IMAP4": 0.1,
    "ftplib.FTP": 0.05,
    "google.cloud.storage.Client": 0.02,
    "google.cloud.bigquery.Client": 0.02,
    "spacy.load": 1.0,
    "transformers.pipeline": 5.0,
    "transformers.AutoModel.from_pretrained": 5.0,
    "transformers.AutoTokenizer.from_pretrained": 1.0,
}
"""By name: seconds that making one takes, or that its first request takes longer."""

_ONE_AFTER_ANOTHER = frozenset(
    "httpx.Client requests.Session psycopg2.connect psycopg.connect pymysql.connect MySQLdb.connect "
    "mysql.connector.connect pyodbc.connect oracledb.connect sqlite3.connect smtplib.SMTP "
    "imaplib.IMAP4 ftplib.FTP".split()
)
"""Those that serve one thread at a time."""


def in_file(view: FileView) -> Findings:
    """Look at functions that are handed to pools, and at what loops make."""
    named = view.by_name
    for name, cost in _COSTLY.items():
        for making in named.get(name, ()):
            yield from _made_again(view, making, cost)
    if _may_ask_others(view) and "socket.setdefaulttimeout" not in named:
        yield from _without_limit(view)


def _made_again(view: FileView, making: Resolved, cost: float) -> Findings:
    loop, call = making.context.loop, making.call
    if not isinstance(loop, ast.For | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
        return
    if not is_repeated(view, loop) or enclosing_tests(loop, call) or _collects(loop, call):
        return
    function = making.context.scope.function
    around = View(loop, function, usage(loop), tuple(walked(loop)))
    if not around.usage.targets & set(around.usage.reads):
        return  # the items do not matter: it repeats the same on purpose
    given = [*call.args, *(word.value for word in call.keywords)]
    if any(fixed_text(each, around) is None for each in given):
        return
    yield CLIENT.at(
        view.file,
        view.span(call),
        f"`{making.name}` is {_done(making.name)} again in each iteration, with the same arguments",
        hint="make it once before the loop" + (" (one for each thread)" if making.name in _ONE_AFTER_ANOTHER else ""),
        function=function.name,
        weight_s=cost * 10,
    )


def _done(name: str) -> str:
    return "made" if name.rpartition(".")[2][:1].isupper() else "called"


def _collects(loop: ast.AST, call: ast.Call) -> bool:
    """Whether the loop is there to make several of them, such as a pool."""
    if isinstance(loop, ast.ListComp | ast.SetComp | ast.GeneratorExp):
        return loop.elt is call
    if isinstance(loop, ast.DictComp):
        return loop.value is call
    for node in ast.walk(loop):
        if isinstance(node, ast.Call) and call in node.args and isinstance(node.func, ast.Attribute):
            if node.func.attr in ("append", "add", "put"):
                return True
        if isinstance(node, ast.Assign) and node.value is call:
            if isinstance(node.targets[0], ast.Subscript | ast.Attribute):
                return True
    return False


# Time limits


def _without_limit(view: FileView) -> Findings:
    """Requests without a limit, in functions that this file hands to threads."""
    told: set[Scope] = set()
    for boundary, function, meaning in _handed(view):
        if meaning.scope is None and meaning.name in _WITHOUT_LIMIT:
            if not _is_limited_map(boundary, function):
                yield _endless(view, boundary, meaning.name, boundary.context.scope.function.name)
        elif meaning.scope is not None and meaning.scope not in told:
            told.add(meaning.scope)
            for name in _WITHOUT_LIMIT:
                for request in view.by_name.get(name, ()):
                    if request.context.scope.function is meaning.scope and not _has_limit(request.call, name):
                        yield _endless(view, request, name, meaning.scope.name)


def _may_ask_others(view: FileView) -> bool:
    """Whether the module imports a library whose calls may wait without end: most do not."""
    bindings = (each.payload for all_of in view.found.module.bindings.values() for each in all_of)
    return any(isinstance(payload, str) and payload.partition(".")[0] in _LIBRARIES for payload in bindings)


def _handed(view: FileView) -> Iterator[tuple[Resolved, ast.expr, Meaning]]:
    offloads = {name: view.catalogue.offload(name) for name in view.by_name}
    for each in view.resolved:
        offload = None if each.meaning.local else offloads[each.name]
        if offload is None or not isinstance(each.node, ast.Call):
            continue
        function = _argument(each.call, offload.argument, offload.keyword)
        meaning = None if function is None else view.names.meaning(function, each.context.scope)
        if isinstance(function, ast.Lambda):
            meaning = view.lambda_meaning(function)
        if function is not None and meaning is not None and not isinstance(function, ast.Call):
            yield each, function, meaning


def _argument(call: ast.Call, position: int | None, keyword: str | None) -> ast.expr | None:
    for word in call.keywords:
        if keyword is not None and word.arg == keyword:
            return word.value
    if position is None or position >= len(call.args) or isinstance(call.args[position], ast.Starred):
        return None
    return call.args[position]


def _is_limited_map(boundary: Resolved, function: ast.expr) -> bool:
    """Whether `submit(requests.get, url, timeout=5)` passes a limit on to the function."""
    return any(word.arg is None or word.arg in ("timeout", "kwargs", "kwds") for word in boundary.call.keywords) and (
        not boundary.name.endswith(".map")
    )


def _has_limit(call: ast.Call, name: str) -> bool:
    if any(word.arg in (None, "timeout") for word in call.keywords):
        return True
    return name in _POSITION and len(call.args) > _POSITION[name]


def _endless(view: FileView, at: Resolved, name: str, function: str) -> Finding:
    return ENDLESS.at(
        view.file,
        view.span(at.node),
        f"`{name}` runs in a pool without a time limit: one dead host keeps a worker for ever",
        hint=f"give it one: `{_WITHOUT_LIMIT[name]}(…, timeout=10)`",
        function=function,
        weight_s=1.0,
    )
