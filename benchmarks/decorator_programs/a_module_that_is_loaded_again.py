"""A module that is loaded again and again: each time its function is decorated anew, and it is one."""

import importlib
import pathlib
import sys
import tempfile

import iobound  # noqa: F401

with tempfile.TemporaryDirectory() as folder:
    pathlib.Path(folder, "shop.py").write_text("import iobound\n@iobound.advise\ndef price(): pass\n")
    sys.path.insert(0, folder)
    import shop

    for _ in range(20):
        shop.price()
        importlib.reload(shop)
print('expect {"calls": {"price": 20}, "rows": 1}')
