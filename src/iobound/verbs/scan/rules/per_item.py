"""IOB205, IOB206, IOB210 and IOB215: calls that a loop makes once for each item and that one call could do for all."""

from __future__ import annotations

from iobound.model.finding import Confidence, Finding, Severity, Span
from iobound.verbs.scan.rules.loops import Story, Wait
from iobound.verbs.scan.rules.row_by_row import is_one_by_one, is_seldom_run
from iobound.verbs.scan.rules.rule import Findings, Rule

_W, _H, _M = Severity.WARNING, Confidence.HIGH, Confidence.MEDIUM

CONNECTION = Rule("IOB205", "connection-per-request", _W, _H, "A loop opens a new connection for each request.")
QUERY = Rule("IOB206", "query-per-row", _W, _M, "A loop asks the database once for each row.")
COMMIT = Rule("IOB210", "commit-per-row", _W, _M, "A loop makes each row durable by itself.")
REDUNDANT = Rule("IOB215", "same-read-in-each-iteration", _W, _M, "A loop reads the same again in each iteration.")
RULES = (CONNECTION, QUERY, COMMIT, REDUNDANT)

_VERBS = ("get", "post", "put", "patch", "delete", "head", "options", "request")
_OWN_CONNECTION = frozenset(f"{library}.{verb}" for library in ("requests", "httpx") for verb in _VERBS)
_CLIENTS = {"requests": "requests.Session()", "httpx": "httpx.Client()"}

_MANY_AT_ONCE = (
    "many",
    "bulk",
    "script",
    "batch",
    "pipeline",
    "copy",
    "iterator",
    "scroll",
    "aggregate",
)
_NO_QUERIES = frozenset(
    """
    close commit rollback cursor connect begin fetchone fetchall fetchmany nextset __next__ ping flush expunge
    create_all drop_all reflect get_client driver iterdump blobopen backup dispose expire refresh callproc atomic
    create_index drop table connection publish subscribe get_message blpop brpop bulk_create bulk_update in_bulk
    read_sql read_sql_query read_sql_table to_sql authenticate login logout notifies __enter__ __exit__
    set_isolation_level
    """.split()
)
_CHANGES = frozenset("add add_all bulk_save_objects delete execute executemany insert merge save".split())
_LONG = 60
"""Lines of a loop from which much else is done for each item."""

_FAR = 2
"""Calls to a query from which it is doubtful, and beyond which it is left out: what leads there knows more than can be
seen here."""

_WRITES = frozenset("create get_or_create insert_one replace_one save set update_one update_or_create".split())
"""Last names of calls that write a row."""

_ANYTHING = (".execute", ".query", ".run", ".exec_driver_sql")
_ONE_BY_ONE = ", with `ON CONFLICT DO NOTHING` or the like for those that it refuses"
_IN_PROCESS = ("sqlite3.", "duckdb.")
_DURABLE = frozenset({"os.fsync", "os.fdatasync"})
_READING_ALWAYS_THE_SAME = frozenset(
    """
    builtins.open io.open codecs.open gzip.open pathlib.Path.read_text pathlib.Path.read_bytes pathlib.Path.open
    requests.get httpx.get urllib.request.urlopen numpy.load pandas.read_csv pandas.read_json pandas.read_parquet
    pandas.read_excel pandas.read_pickle polars.read_csv yaml.safe_load json.load tomllib.load
    """.split()
)


def at_calls(story: Story) -> Findings:
    """Findings about single calls of a loop."""
    traits = story.traits
    if traits.tries_again or traits.polls or story.is_short:
        return
    commits = [wait for wait in story.waits if _is_commit(wait) and not story.is_rare(wait)]
    told = False
    for each in story.waits:
        wait = _asking(story, each) if each.kind == "database" else each
        if wait.site.loop < 0 or wait.computes:
            continue
        if wait.effect.through is None and wait.name in _OWN_CONNECTION:
            yield _connection(story, wait)
        elif wait in commits:
            if story.is_for and not traits.batched and not told:
                told = True
                yield _commit(story, wait)
        elif wait.kind == "database":
            if _asks_per_item(story, wait) and not (commits and _statement(story, wait) == "writes"):
                yield _query(story, wait)
    yield from _redundant(story)


def _connection(story: Story, wait: Wait) -> Finding:
    client = _CLIENTS[wait.name.partition(".")[0]]
    anywhere = wait.site.span in story.traits.anywhere  # with another host each no connection is used again
    return story.finding(
        CONNECTION,
        f"`{wait.name}` makes a new connection for each request, with a new handshake",
        f"make one `{client}` before the loop and call it instead (one for each thread)",
        wait=wait,
        at_call=True,
        severity=Severity.INFO if anywhere or wait.site.span in story.traits.downloads else None,
        confidence=Confidence.LOW if anywhere else None,
    )


# Databases


def _asks_per_item(story: Story, wait: Wait) -> bool:
    traits = story.traits
    if not story.is_for or traits.batched or traits.pooled or traits.idle_target or wait.site.span in traits.fixed:
        return False
    if not is_query(wait.name) or story.maybes(wait) > 1 or wait.effect.depth > _FAR:
        return False
    return _statement(story, wait) not in ("other", "item")


def is_query(name: str) -> bool:
    """Whether a call of a database asks for something of one row, rather than for many or for nothing."""
    last = name.rpartition(".")[2]
    return last not in _NO_QUERIES and "ipeline" not in name and not _is_for_many(name)


def _is_for_many(name: str) -> bool:
    return any(word in name.rpartition(".")[2] for word in _MANY_AT_ONCE)


def _asking(story: Story, wait: Wait) -> Wait:
    """The wait with the query that a function makes besides opening a cursor and fetching."""
    at = wait.effect
    while at.through is not None and not is_query(wait.name):
        listed = story.program.effects.listed.get(at.through, ())
        if any(_is_for_many(name) for _, name, _ in listed):
            return wait
        for _, name, entry in listed:
            if entry.category == "database" and entry.blocking == "yes" and is_query(name):
                return wait._replace(effect=wait.effect._replace(name=name, entry=entry, weight_s=entry.weight_s))
        at = story.program.effects.of(at.through).get("database", at._replace(through=None))
    return wait


def _statement(story: Story, wait: Wait) -> str:
    return dict(story.traits.statements).get(wait.site.span, "")


def _query(story: Story, wait: Wait) -> Finding:
    in_process = wait.name.startswith(_IN_PROCESS)
    statement = _statement(story, wait)
    writes = statement == "writes" or wait.name.rpartition(".")[2] in _WRITES
    is_seldom = is_seldom_run(story)
    return story.finding(
        QUERY,
        f"one query for each item: `{wait.name}`"
        + ("" if in_process else f", and a round trip to the {_server(wait)} each"),
        _instead(wait, writes=writes, reads=statement == "reads")
        + (_ONE_BY_ONE if writes and story.traits.refusable else ""),
        wait=wait,
        at_call=True,
        severity=Severity.INFO if in_process or is_seldom or story.traits.refusable else None,
        confidence=Confidence.LOW if is_seldom or _is_doubtful(story, wait) else None,
    )


def _server(wait: Wait) -> str:
    return "cache" if wait.name.startswith("django.core.cache.") else "database"


def _is_doubtful(story: Story, wait: Wait) -> bool:
    """Whether what is asked for may be there already, or is asked for by itself on purpose."""
    if wait.name.startswith("sqlalchemy.") and wait.name.endswith(".merge"):
        return True  # asks only for what the session does not hold
    if is_one_by_one(story, wait):
        return True
    if _statement(story, wait) == "batch" or (wait.name.startswith(_IN_PROCESS) and story.traits.yields):
        return True  # an item is many rows; or what is not asked for need not be read
    return wait.effect.depth >= _FAR or _is_one_of_many_things(story, wait) or _is_set_apart(story, wait)


def _is_set_apart(story: Story, wait: Wait) -> bool:
    """Whether each item has a savepoint of its own, so that one may fail without the others."""
    if story.traits.refusable:
        return True
    functions = [story.subject.key] if wait.effect.through is None else [story.subject.key, wait.effect.through]
    return any(
        name.rpartition(".")[2] in ("begin_nested", "savepoint")
        for function in functions
        for _, name, _ in story.program.effects.listed.get(function, ())
    )


def _is_one_of_many_things(story: Story, wait: Wait) -> bool:
    """Whether so much is done for each item that queries of functions which the loop calls are the least of it."""
    lines = story.loop.span.end_line - story.loop.span.line
    return wait.effect.through is not None and lines > _LONG


def _writes(story: Story) -> bool:
    """Whether the loop itself shows what is committed: with more to an item, each may have to be durable at once."""
    if any(text == "writes" for _, text in story.traits.statements):
        return True
    facts = story.subject.module.facts
    inside = (site for site in story.subject.facts.calls if story.loop.span[:2] <= site.span[:2] < story.loop.span[2:])
    return any(facts.symbols[site.symbol].rpartition(".")[2] in _CHANGES for site in inside)


_CACHE_WRITES = ("set", "add", "delete", "touch")


def _instead(wait: Wait, *, writes: bool, reads: bool) -> str:
    name = wait.name
    if name.startswith("django.core.cache."):
        return "use `set_many` or `delete_many`" if name.endswith(_CACHE_WRITES) else "use `get_many`"
    if name.startswith("django."):
        if name.endswith("_or_create"):
            return (
                "use `bulk_create(…, ignore_conflicts=True)` or `update_conflicts=True`, then read them with one query"
            )
        return (
            "use `bulk_create` or `bulk_update`" if writes else "use `select_related`, `in_bulk` or `filter(…__in=…)`"
        )
    if name.startswith("redis."):
        return "collect the commands in a `pipeline()`, or use `mget`"
    if name.startswith("pymongo."):
        return "use `insert_many` or `bulk_write`" if writes else "ask once with `$in`"
    if name.startswith("neo4j."):
        return "hand over all rows as one parameter: `UNWIND $rows AS row …`"
    if writes:
        return "use `executemany`, or one statement with many rows"
    asking = "ask once for all of them: `IN (…)` or a join"
    return asking if reads or not name.endswith(_ANYTHING) else f"{asking}; where it writes, `executemany`"


def _is_commit(wait: Wait) -> bool:
    if wait.effect.through is not None:
        return False
    return wait.name in _DURABLE or (wait.kind == "database" and wait.name.endswith(".commit"))


def _commit(story: Story, wait: Wait) -> Finding:
    what = "waits for the disk" if wait.name in _DURABLE else "ends a transaction and waits until it is durable"
    return story.finding(
        COMMIT,
        f"`{wait.name}` {what} for each item",
        "do it once after the loop, or every thousand items",
        wait=wait,
        at_call=True,
        confidence=None if wait.name in _DURABLE or _writes(story) else Confidence.LOW,
    )


# The same again


def is_redundant(story: Story, wait: Wait) -> bool:
    """Whether a call reads the same in every iteration."""
    traits = story.traits
    if not story.is_for or traits.idle_target or traits.sleeps or story.is_rare(wait):
        return False
    shared = " ".join(story.fact.obstacles)
    if "same file" in shared or "left in the file" in shared:
        return False
    direct = wait.effect.through is None and wait.name in _READING_ALWAYS_THE_SAME
    return direct and wait.site.span in traits.fixed


def _redundant(story: Story) -> Findings:
    spans: list[Span] = []
    for wait in story.waits:
        span = wait.site.span
        if is_redundant(story, wait):
            inner = any(span[:2] >= other[:2] and span[2:] <= other[2:] for other in spans)
            if not inner:
                spans.append(span)
                yield story.finding(
                    REDUNDANT,
                    f"`{wait.name}` reads the same in every iteration",
                    "read it once before the loop",
                    wait=wait,
                    at_call=True,
                )
