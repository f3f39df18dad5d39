"""Names that files have as modules, by their paths alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def tops_of(files: Iterable[str]) -> frozenset[str]:
    """First parts of the names of all modules of a scan: what else is imported is a library."""
    names = module_names(dict.fromkeys(files, 0)).values()
    return frozenset(name.partition(".")[0] for name, _ in names)


def module_names(files: Mapping[str, int]) -> dict[str, tuple[str, str]]:
    """Module name and package of each file, by the packages that hold it.

    Args:
        files: Paths with `/`, as findings name them; the values do not matter.

    Example:
        >>> module_names({"app/__init__.py": 0, "app/net.py": 1, "run.py": 2})
        {'app/__init__.py': ('app', 'app'), 'app/net.py': ('app.net', 'app'), 'run.py': ('run', '')}
    """
    packages = {path.rpartition("/")[0] for path in files if path.rpartition("/")[2] == "__init__.py"}
    names: dict[str, tuple[str, str]] = {}
    for path in files:
        folder, _, file = path.rpartition("/")
        stem = file.rpartition(".")[0] or file
        above: list[str] = []
        while folder in packages:
            head, _, last = folder.rpartition("/")
            above.insert(0, last or folder)
            if head == folder or not head:
                break
            folder = head
        package = ".".join(above)
        name = package if stem == "__init__" else ".".join([*above, stem])
        names[path] = (name, package)
    return names
