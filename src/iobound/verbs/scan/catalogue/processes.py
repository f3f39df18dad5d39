"""What crosses into other processes, what refuses to, and what does not survive a fork.

Everything here that the standard library decides is pickled, forked or started by a test that reads these tables.
"""

from __future__ import annotations

from typing import NamedTuple

from iobound.verbs.scan.catalogue.lookup import Catalogue


class Passage(NamedTuple):
    """How a call takes what it pickles for another process.

    Attributes:
        function: Position of the function, -1 when it takes none by position; `keyword` is its name, if it has one.
        carries: What else is pickled: `elements` or `rows` of the iterables that follow, the `rest` of the arguments,
            or `packed` (a tuple and a dict of arguments).
        packed: Position and keyword of that tuple.
        unless_forked: Whether nothing is pickled when the process is made by fork; it then starts with the call, so
            that locks, queues and the like of `multiprocessing` may go with it.
        answers: Whether what the function gives is pickled, too.
        daemonic: Whether its processes may not start others.
    """

    function: int
    keyword: str
    carries: str
    packed: tuple[int, str] = (-1, "")
    unless_forked: bool = False
    answers: bool = True
    daemonic: bool = False


_PACKED = {
    "multiprocessing.pool.Pool.apply": (1, "args"),
    "multiprocessing.pool.Pool.apply_async": (1, "args"),
    "multiprocessing.pool.Pool": (2, "initargs"),
    "multiprocessing.Process": (3, "args"),
    "multiprocessing.spawn": (1, "args"),
    "concurrent.futures.ProcessPoolExecutor": (3, "initargs"),
}


def passage(known: Catalogue, name: str) -> Passage | None:
    """How a call takes what it pickles, None when it pickles nothing, or by a serializer that takes whole functions.

    Example:
        >>> from iobound.verbs.scan.catalogue.lookup import catalogue
        >>> passage(catalogue(), "multiprocessing.Process")[:4]
        (1, 'target', 'packed', (3, 'args'))
        >>> passage(catalogue(), "ray.remote"), passage(catalogue(), "builtins.map")
        (None, None)
    """
    boundary = known.pool(name)
    if boundary is None or boundary.serializer != "pickle" or "Interpreter" in name:
        return None
    offload = known.offload(name) if boundary.function is not None else None
    packed = _PACKED.get(known.canonical(name))
    carries = "packed" if packed else "rest" if boundary.carries == "arguments" else boundary.carries
    return Passage(
        -1 if offload is None or offload.argument is None else offload.argument,
        "" if offload is None else offload.keyword or "",
        carries,
        packed or (-1, ""),
        boundary.unless_forked,
        answers=offload is not None and not boundary.unless_forked,
        daemonic=name.startswith("multiprocessing.pool.Pool."),
    )


IN_EXECUTOR = "asyncio.AbstractEventLoop.run_in_executor"
"""Crosses where its first argument is an executor with processes."""

STARTS = frozenset(
    {
        "multiprocessing.pool.Pool",
        "multiprocessing.Manager",
        "multiprocessing.Process.start",
        "concurrent.futures.ProcessPoolExecutor.submit",
        "concurrent.futures.ProcessPoolExecutor.map",
        "tqdm.contrib.concurrent.process_map",
    }
)
"""Calls that start processes which import the program anew, unless they are forked."""


PRIMITIVES = frozenset(
    f"multiprocessing.{name}"
    for name in (
        "Queue JoinableQueue SimpleQueue Lock RLock Semaphore BoundedSemaphore Condition Event Barrier Value Array"
    ).split()
)
"""What only goes to a process while it is being started."""

UNPICKLABLE = frozenset({"multiprocessing.pool.ThreadPool", "weakref.WeakSet"})
"""Types whose instances `pickle` refuses, besides those of which the catalogue says so."""

HANDED_OVER = frozenset({"socket.socket"})
"""Types that `pickle` refuses and `multiprocessing` takes: it hands over their descriptors."""

OBJECTS = {
    "sys.stdin": "a file",
    "sys.stdout": "a file",
    "sys.stderr": "a file",
    "sys.modules": "a dict of modules",
}
"""Objects of modules that `pickle` refuses, and what they are."""

UNSHARED = frozenset(
    """
    sqlite3.Connection sqlalchemy.engine.Engine sqlalchemy.engine.Connection sqlalchemy.orm.Session psycopg.Connection
    psycopg2.extensions.connection dbapi.Connection pymongo.MongoClient grpc.Channel httpx.Client
    boto3.client boto3.resource socket.socket http.client.HTTPConnection zmq.Context zmq.Socket
    concurrent.futures.ThreadPoolExecutor duckdb.DuckDBPyConnection h5py.File kafka.KafkaProducer
    """.split()
)
"""Types whose instances a forked process must not use: both would speak on the same connection, or wait for threads
that only the parent has."""

LARGE = frozenset(
    """
    pandas.DataFrame pandas.Series numpy.ndarray polars.DataFrame polars.LazyFrame pyarrow.Table torch.Tensor
    scipy.sparse.csr_matrix xarray.Dataset xarray.DataArray
    """.split()
)
"""Types that are there to hold much."""

SEEDLESS = frozenset(
    f"numpy.random.{name}"
    for name in (
        "rand randn randint random random_sample ranf sample choice shuffle permutation normal uniform standard_normal "
        "poisson binomial exponential beta gamma bytes multivariate_normal lognormal laplace"
    ).split()
)
"""Functions that draw from the generator which a fork copies as it is."""

SEEDING = frozenset(
    {"numpy.random.seed", "numpy.random.default_rng", "numpy.random.RandomState", "numpy.random.SeedSequence"}
)
