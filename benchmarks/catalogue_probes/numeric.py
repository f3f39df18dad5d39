"""NumPy, SciPy, pandas, Pillow, h5py: each probe imports what it needs, and is left out where that is not there."""

import functools
import importlib
import io
from collections.abc import Callable
from typing import Any

from catalogue_probes.stage import Act, Probe, Stage


def _matrix(size: int = 500) -> Any:
    import numpy

    return numpy.random.default_rng(1).random((size, size))


def _vector(size: int = 3_000_000) -> Any:
    import numpy

    return numpy.random.default_rng(1).random(size)


def _numpy(name: str, *more: object) -> Probe:
    """A function of NumPy on a long vector."""

    def make(stage: Stage) -> Act:
        import numpy

        return (functools.reduce(getattr, name.split("."), numpy), _vector(), *more)

    return make


def _square(name: str) -> Probe:
    """A function of NumPy or SciPy on a square matrix."""

    def make(stage: Stage) -> Act:
        module, _, function = name.rpartition(".")
        return (getattr(importlib.import_module(module), function), _matrix(400))

    return make


def _twice(name: str) -> Probe:
    def make(stage: Stage) -> Act:
        import numpy

        return (getattr(numpy, name), _matrix(600), _matrix(600))

    return make


def _array(method: str, *more: object) -> Probe:
    return lambda stage: (getattr(_vector(), method), *more)


def _random(method: str, *more: object) -> Probe:
    def make(stage: Stage) -> Act:
        import numpy

        return (functools.partial(getattr(numpy.random.default_rng(1), method), *more, size=1_000_000),)

    return make


def _frame(rows: int = 300_000) -> Any:
    import pandas

    return pandas.DataFrame(
        {"key": [n % 997 for n in range(rows)], "a": _vector(rows), "word": [f"w{n % 50}" for n in range(rows)]}
    )


def _on_frame(act: Callable[[Any], object]) -> Probe:
    def make(stage: Stage) -> Act:
        frame = _frame()
        return (act, frame)

    return make


def _read(name: str, write: str, **options: Any) -> Probe:
    def make(stage: Stage) -> Act:
        import pandas

        path = stage.file(b"")
        getattr(_frame(60_000), write)(path)
        return (functools.partial(getattr(pandas, name), path, **options),)

    return make


def _picture(size: int = 1500) -> Any:
    import PIL.Image

    return PIL.Image.effect_noise((size, size), 90).convert("RGB")


def _on_picture(act: Callable[[Any], object]) -> Probe:
    return lambda stage: (act, _picture())


def _saved(stage: Stage, kind: str) -> Act:
    return (lambda picture: picture.save(io.BytesIO(), kind), _picture())


def _opened(stage: Stage) -> Act:
    import PIL.Image

    data = io.BytesIO()
    _picture().save(data, "PNG")
    return (lambda: PIL.Image.open(io.BytesIO(data.getvalue())).load(),)


def _memory_store(stage: Stage) -> Act:
    import h5py

    file = stage.keep(h5py.File(str(stage.folder / "x.h5"), "w"))
    return (file.create_dataset("x", data=_vector()).__getitem__, ())


PROBES: dict[str, Probe] = {
    **{
        f"numpy.{name}": _numpy(name)
        for name in "sort argsort sum mean std var exp log sin sqrt cumsum median unique".split()
    },
    **{
        f"numpy.{name}": _numpy(name)
        for name in "diff nonzero argmax max min prod copy abs floor round count_nonzero".split()
    },
    "numpy.percentile": _numpy("percentile", 90),
    "numpy.quantile": _numpy("quantile", 0.9),
    "numpy.repeat": _numpy("repeat", 3),
    "numpy.tile": _numpy("tile", 3),
    "numpy.partition": _numpy("partition", 100),
    "numpy.histogram": _numpy("histogram", 100),
    "numpy.roll": _numpy("roll", 3),
    "numpy.clip": _numpy("clip", 0.1, 0.9),
    "numpy.where": lambda s: (lambda v: __import__("numpy").where(v > 0.5, v, 0), _vector()),
    "numpy.array": lambda s: (importlib.import_module("numpy").array, s.numbers),
    "numpy.asarray": lambda s: (importlib.import_module("numpy").asarray, s.numbers),
    "numpy.concatenate": lambda s: (lambda v: __import__("numpy").concatenate([v, v]), _vector()),
    "numpy.fromiter": lambda s: (lambda n: __import__("numpy").fromiter(iter(n), float), s.numbers),
    "numpy.dot": _twice("dot"),
    "numpy.matmul": _twice("matmul"),
    **{f"numpy.linalg.{name}": _square(f"numpy.linalg.{name}") for name in "svd inv eigh qr det eig pinv".split()},
    "numpy.fft.fft": _numpy("fft.fft"),
    "numpy.fft.rfft": _numpy("fft.rfft"),
    "numpy.ndarray.tolist": _array("tolist"),
    "numpy.ndarray.astype": _array("astype", "f4"),
    "numpy.ndarray.sum": _array("sum"),
    "numpy.ndarray.copy": _array("copy"),
    "numpy.ndarray.sort": lambda s: (lambda v: v.copy().sort(), _vector()),
    "numpy.random.Generator.normal": _random("normal", 0, 1),
    "numpy.random.Generator.random": _random("random"),
    "numpy.random.Generator.integers": _random("integers", 0, 9),
    "numpy.save": lambda s: (lambda v: __import__("numpy").save(str(s.folder / "v.npy"), v), _vector()),
    "numpy.loadtxt": lambda s: (
        lambda t: __import__("numpy").loadtxt(io.StringIO(t)),
        "\n".join(map(str, s.numbers[:50_000])),
    ),
    **{f"scipy.linalg.{name}": _square(f"scipy.linalg.{name}") for name in "svd lu inv det qr expm".split()},
    "scipy.linalg.solve": lambda s: (_square("scipy.linalg.solve")(s)[0], _matrix(600), _matrix(600)),
    "scipy.fft.fft": lambda s: (_square("scipy.fft.fft")(s)[0], _vector()),
    "scipy.signal.fftconvolve": lambda s: (_square("scipy.signal.fftconvolve")(s)[0], _vector(500_000), _vector(1000)),
    "scipy.ndimage.gaussian_filter": lambda s: (_square("scipy.ndimage.gaussian_filter")(s)[0], _matrix(1000), 3),
    "scipy.special.gammaln": lambda s: (_square("scipy.special.gammaln")(s)[0], _vector()),
    "scipy.spatial.distance.cdist": lambda s: (_square("scipy.spatial.distance.cdist")(s)[0], _matrix(), _matrix()),
    "scipy.optimize.minimize": lambda s: (
        _square("scipy.optimize.minimize")(s)[0],
        lambda v: float((v * v).sum()),
        [1.0] * 20,
    ),
    "pandas.read_csv": _read("read_csv", "to_csv"),
    "pandas.read_json": _read("read_json", "to_json"),
    "pandas.read_pickle": _read("read_pickle", "to_pickle"),
    "pandas.DataFrame.to_csv": _on_frame(lambda frame: frame.to_csv()),
    "pandas.DataFrame.to_json": _on_frame(lambda frame: frame.to_json()),
    "pandas.DataFrame.sort_values": _on_frame(lambda frame: frame.sort_values("a")),
    "pandas.DataFrame.apply": _on_frame(lambda frame: frame.head(3000).apply(lambda row: row["a"], axis=1)),
    "pandas.DataFrame.iterrows": _on_frame(lambda frame: list(frame.head(3000).iterrows())),
    "pandas.merge": _on_frame(lambda frame: frame.merge(frame.head(997), on="word").shape),
    "pandas.core.groupby.DataFrameGroupBy.sum": _on_frame(lambda frame: frame[["key", "a"]].groupby("key").sum()),
    "pandas.core.groupby.DataFrameGroupBy.apply": _on_frame(lambda frame: frame.groupby("key")["a"].apply(len)),
    "pandas.concat": _on_frame(lambda frame: __import__("pandas").concat([frame, frame])),
    "pandas.to_datetime": lambda s: (
        lambda t: __import__("pandas").to_datetime(t),
        [f"2026-01-{n % 28 + 1:02} 10:00" for n in range(100_000)],
    ),
    "PIL.Image.open": _opened,
    "PIL.Image.Image.load": _opened,
    "PIL.Image.Image.resize": _on_picture(lambda picture: picture.resize((700, 700))),
    "PIL.Image.Image.rotate": _on_picture(lambda picture: picture.rotate(30)),
    "PIL.Image.Image.convert": _on_picture(lambda picture: picture.convert("L")),
    "PIL.Image.Image.save": lambda s: _saved(s, "PNG"),
    "PIL.Image.Image.tobytes": _on_picture(lambda picture: picture.tobytes()),
    "PIL.Image.Image.quantize": _on_picture(lambda picture: picture.quantize(64)),
    "PIL.Image.Image.transpose": _on_picture(lambda picture: picture.transpose(2)),
    "h5py.Dataset.__getitem__": _memory_store,
}
