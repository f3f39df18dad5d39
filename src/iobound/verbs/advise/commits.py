"""A database that is told to commit after every row: each commit makes the disk write, and a file has one writer."""

from __future__ import annotations

from collections.abc import Callable

from iobound.model.breakdown import Breakdown, Site
from iobound.model.diagnosis import Advice, Verdict
from iobound.model.prediction import Estimate, Strategy
from iobound.model.recording import Recording
from iobound.model.state import State
from iobound.verbs.advise import batches
from iobound.verbs.advise.candidate import Candidate, known_gain
from iobound.verbs.advise.wording import count_of, duration, percent

LEAST_SHARE = 0.2
FEWEST = 50
"""Commits from which grouping them is worth a word."""

ONE_WRITER = 0.3
"""Part of a site's time in commits from which its items take turns at the database."""

LEAST_LOST, LIKELY_LOST, MOST_LOST = 0.6, 0.85, 1.1
"""Part of the time for single rows that goes with them; what is made for each, such as a session, goes too."""

AWAY = 0.1
"""Share of a site's time on the network from which its database is a server, which takes several writers."""

DATABASES = (
    "sqlite3.", "_sqlite3.", "aiosqlite.", "apsw.", "psycopg.", "psycopg2.", "asyncpg.", "pymysql.", "MySQLdb.",
    "mysql.", "mariadb.", "oracledb.", "duckdb.", "pyodbc.", "sqlalchemy.", "peewee.", "django.db.",
)  # fmt: skip
"""Modules of databases, as names are resolved."""

SESSIONS = ("session", "cursor", "connection", "database", "transaction")
SHORT = ("db", "cur", "con", "conn", "tx")
"""What programs call their end of a database, where what it is could not be resolved."""


def is_commit(name: str) -> bool:
    """Whether a call of this name commits; leaving a `with connection:` of a database does.

    Example:
        >>> is_commit("sqlite3.Connection.commit"), is_commit("session.commit"), is_commit("commit")
        (True, True, False)
        >>> is_commit("sqlite3.Connection.__enter__"), is_commit("http.client.HTTPConnection.__enter__")
        (True, False)
    """
    if name.endswith("Connection.__enter__"):
        return name.startswith(DATABASES)
    return name.endswith(".commit") and _is_database(name.rpartition(".")[0])


def _is_database(owner: str) -> bool:
    """Whether what a method belongs to is a database: by its module, or by its own name where none is known."""
    last = owner.rpartition(".")[2].lower().strip("_").removesuffix("()")
    return f"{owner}.".startswith(DATABASES) or last.endswith(SESSIONS) or last.rpartition("_")[2] in SHORT


def batch_commits(breakdown: Breakdown, recording: Recording, verdict: Verdict) -> Candidate | None:
    """Many commits that take much of the wall time, whether the disk is waited for or the kernel works."""
    share = _share(breakdown, is_commit)
    whole = share + _share(breakdown, begins)
    count = max((site.items or 0 for site in breakdown.sites if _commits_ns(site)), default=0)
    if share < LEAST_SHARE or count < FEWEST:
        return None
    each = duration(share * breakdown.wall_ns / count)
    return Candidate(
        Advice(
            strategy=Strategy.BATCH,
            workers=None,
            site=None,
            speed_up=_gain(share, whole),
            reason=f"{count_of(count, 'commit')} of {each} each take {percent(share)} of the wall time: each has to "
            "reach the disk, and one commit for many rows costs about as much as one for a single row.",
            steps=(
                "insert many rows in one transaction (`executemany`, `add_all`)",
                "commit once per batch, not per row",
            ),
            snippet=batches.of_commits(recording, is_commit),
            obstacles=("rows since the last commit are lost when the program dies",),
        ),
        pool=False,
    )


def _gain(commits: float, whole: float) -> Estimate:
    """At least most of the commits go; likely most of all that is done for each row, at best all of it."""
    return known_gain(
        *(1 / (1 - min(0.98, lost)) for lost in (LIKELY_LOST * whole, LEAST_LOST * commits, MOST_LOST * whole))
    )


def begins(name: str) -> bool:
    """Whether a call writes a row: the first one after a commit begins a transaction, and waits for the file.

    Example:
        >>> begins("sqlite3.Connection.execute"), begins("session.add"), begins("tarfile.TarFile.add")
        (True, True, False)
    """
    owner, _, last = name.rpartition(".")
    return last in {"execute", "executemany", "flush", "add", "add_all"} and _is_database(owner)


def _share(breakdown: Breakdown, wanted: Callable[[str], bool]) -> float:
    return sum(spot.wall_ns for spot in breakdown.hotspots if wanted(spot.call)) / max(1, breakdown.wall_ns)


def takes_turns(site: Site) -> bool:
    """Whether the items of a site queue for one database file: more of them at once would wait, or fail."""
    whole = sum(site.budget.values())
    away = site.budget.get(State.WAIT_NETWORK, 0) >= AWAY * whole
    return not away and _commits_ns(site) >= ONE_WRITER * max(1, whole)


def _commits_ns(site: Site) -> int:
    return sum(ns for name, ns in site.calls.items() if is_commit(name))
