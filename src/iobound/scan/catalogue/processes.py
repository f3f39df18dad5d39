"""What crosses into other processes, what refuses to, and what does not survive a fork.

Everything here that the standard library decides is pickled, forked or started by a test that reads these tables.
"""

from __future__ import annotations

from typing import NamedTuple


class Boundary(NamedTuple):
    """A call whose function and data go to another process by `pickle`.

    Attributes:
        function: Position of the function, -1 when it takes none; `keyword` is its name.
        carries: What else is pickled: `elements` of the iterables that follow, `rows` (each element holds a call's
            arguments), `rest` (the other arguments), `packed` (a tuple and a dict of arguments), or nothing.
        packed: Position and keyword of that tuple.
        unless_forked: Whether nothing is pickled when the process is made by fork.
        inherits: Whether locks, queues and the like of `multiprocessing` may go with it.
        answers: Whether what the function gives is pickled, too.
        daemonic: Whether its processes may not start others.
    """

    function: int
    keyword: str
    carries: str
    packed: tuple[int, str] = (-1, "")
    unless_forked: bool = False
    inherits: bool = False
    answers: bool = True
    daemonic: bool = False


def _pool(carries: str) -> Boundary:
    return Boundary(0, "func", carries, (1, "args"), daemonic=True)


_SENDS = Boundary(-1, "", "rest", answers=False)

BOUNDARIES: dict[str, Boundary] = {
    "multiprocessing.pool.Pool.apply": _pool("packed"),
    "multiprocessing.pool.Pool.apply_async": _pool("packed"),
    "multiprocessing.pool.Pool.map": _pool("elements"),
    "multiprocessing.pool.Pool.map_async": _pool("elements"),
    "multiprocessing.pool.Pool.imap": _pool("elements"),
    "multiprocessing.pool.Pool.imap_unordered": _pool("elements"),
    "multiprocessing.pool.Pool.starmap": _pool("rows"),
    "multiprocessing.pool.Pool.starmap_async": _pool("rows"),
    "multiprocessing.pool.Pool": Boundary(1, "initializer", "packed", (2, "initargs"), True, True, False),
    "multiprocessing.Process": Boundary(1, "target", "packed", (3, "args"), True, True, False),
    "concurrent.futures.ProcessPoolExecutor.submit": Boundary(0, "fn", "rest"),
    "concurrent.futures.ProcessPoolExecutor.map": Boundary(0, "fn", "elements"),
    "concurrent.futures.ProcessPoolExecutor": Boundary(2, "initializer", "packed", (3, "initargs"), True, True, False),
    "anyio.to_process.run_sync": Boundary(0, "func", "rest"),
    "tqdm.contrib.concurrent.process_map": Boundary(0, "fn", "elements"),
    "mpi4py.futures.MPIPoolExecutor.submit": Boundary(0, "fn", "rest"),
    "mpi4py.futures.MPIPoolExecutor.map": Boundary(0, "fn", "elements"),
    "multiprocessing.Queue.put": _SENDS,
    "multiprocessing.JoinableQueue.put": _SENDS,
    "multiprocessing.SimpleQueue.put": _SENDS,
    "multiprocessing.connection.Connection.send": _SENDS,
}
"""By canonical name. joblib, loky, dask, ray and pathos are left out: their serializers take functions whole."""

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


def plain(name: str) -> str:
    """A name without the detour through a context of `multiprocessing` or torch's module of the same make.

    Example:
        >>> plain("multiprocessing.get_context().Pool.map")
        'multiprocessing.pool.Pool.map'
    """
    if name.startswith("torch.multiprocessing."):
        name = name.removeprefix("torch.")
    if not name.startswith("multiprocessing."):
        return name
    name = name.replace(".get_context()", "", 1).replace(".context.SpawnContext", "", 1)
    if name == "multiprocessing.Pool" or name.startswith("multiprocessing.Pool."):
        return f"multiprocessing.pool.{name.removeprefix('multiprocessing.')}"
    return name


PRIMITIVES = frozenset(
    f"multiprocessing.{name}"
    for name in (
        "Queue JoinableQueue SimpleQueue Lock RLock Semaphore BoundedSemaphore Condition Event Barrier Value Array"
    ).split()
)
"""What only goes to a process while it is being started."""

UNPICKLABLE = frozenset(
    """
    threading.Lock threading.RLock threading.Condition threading.Event threading.Semaphore threading.BoundedSemaphore
    threading.Barrier threading.local threading.Thread threading.Timer queue.Queue queue.LifoQueue queue.PriorityQueue
    queue.SimpleQueue concurrent.futures.ThreadPoolExecutor concurrent.futures.ProcessPoolExecutor
    concurrent.futures.Executor concurrent.futures.Future multiprocessing.pool.Pool multiprocessing.pool.ThreadPool
    io.IOBase tarfile.TarFile socket.socket ssl.SSLContext sqlite3.Connection sqlite3.Cursor subprocess.Popen
    mmap.mmap hashlib.HASH zlib.compressobj zlib.decompressobj csv.reader csv.writer re.Match logging.Handler
    logging.StreamHandler logging.FileHandler weakref.ref weakref.WeakKeyDictionary weakref.WeakValueDictionary
    weakref.WeakSet contextvars.ContextVar os.DirEntry memoryview types.MappingProxyType random.SystemRandom
    secrets.SystemRandom selectors.DefaultSelector zipfile.ZipFile shelve.Shelf asyncio.AbstractEventLoop
    asyncio.Task asyncio.Future http.client.HTTPConnection http.client.HTTPResponse ftplib.FTP smtplib.SMTP
    imaplib.IMAP4 tempfile.TemporaryDirectory httpx.Client httpx.AsyncClient aiohttp.ClientSession
    urllib3.PoolManager boto3.client boto3.resource boto3.session.Session sqlalchemy.engine.Engine
    sqlalchemy.engine.Connection sqlalchemy.orm.Session psycopg.Connection psycopg2.extensions.connection
    psycopg2.extensions.cursor dbapi.Connection dbapi.Cursor redis.Redis pymongo.MongoClient duckdb.DuckDBPyConnection
    h5py.File lxml.etree._Element grpc.Channel zmq.Context zmq.Socket paramiko.SSHClient paramiko.SFTPClient
    selenium.webdriver.Chrome selenium.webdriver.Firefox kafka.KafkaProducer kafka.KafkaConsumer
    """.split()
)
"""Types whose instances `pickle` refuses."""

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
