"""The tree of installed packages that scanners are measured on, and parts of it."""

import itertools
import subprocess
import venv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
REQUIREMENTS = HERE / "scan_corpus.txt"
LARGEST_BYTES = 1_000_000
"""Scanners leave generated files of this size out; so does the reference."""


@dataclass(frozen=True)
class Source:
    """A file of the corpus."""

    path: Path
    lines: int


def install(folder: Path, tools: Sequence[str]) -> None:
    """Make, in `folder`, an environment with this checkout and other tools, and the tree beside it.

    What of the tree is there already is kept while the pinned versions stay the same. The packages are never imported,
    so they come without what they depend on.
    """
    environment = folder / "environment"
    venv.create(environment, with_pip=True)
    pip = [str(environment / "bin" / "python"), "-m", "pip", "install", "--quiet"]
    subprocess.run([*pip, "-e", str(HERE.parent), *tools], check=True)
    tree, stamp = folder / "tree", folder / "tree.txt"
    if not stamp.exists() or stamp.read_bytes() != REQUIREMENTS.read_bytes():
        alone = ["--no-deps", "--no-compile", "--only-binary", ":all:", "--upgrade"]
        subprocess.run([*pip, *alone, "--target", str(tree), "-r", str(REQUIREMENTS)], check=True)
        stamp.write_bytes(REQUIREMENTS.read_bytes())


def sources(roots: Sequence[Path]) -> list[Source]:
    """All Python files below, but for those that are larger than any scanner wants, in a stable order."""
    paths = sorted(path for root in roots for path in root.rglob("*.py") if path.is_file())
    contents = ((path, path.read_bytes()) for path in paths)
    return [Source(path, lines_of(content)) for path, content in contents if len(content) <= LARGEST_BYTES]


def lines_of(content: bytes) -> int:
    r"""How many lines there are; the last one need not end.

    >>> lines_of(b"a = 1\nb = 2"), lines_of(b"a = 1\n"), lines_of(b"")
    (2, 1, 0)
    """
    return content.count(b"\n") + (bool(content) and not content.endswith(b"\n"))


def part(files: Sequence[Source], lines: int) -> list[Source]:
    """Files from all over the corpus with about so many lines: every n-th, and never none.

    >>> files = [Source(Path(str(number)), 100) for number in range(10)]
    >>> [file.path.name for file in part(files, 300)]
    ['0', '3', '6', '9']
    """
    step = max(1, sum(file.lines for file in files) // lines)
    return list(itertools.islice(files, 0, None, step))
