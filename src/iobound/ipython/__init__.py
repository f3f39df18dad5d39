"""`%load_ext iobound`: `%iobound statement` and `%%iobound` for IPython and Jupyter.

`asked` reads what stands on the line of a magic, `extension` has the cell run by IPython itself and observes it
meanwhile, `nested` runs what stands within another cell, `shown` shows the report.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from iobound.ipython.extension import Extension

__all__ = ["load", "unload"]

_loaded: dict[int, Extension] = {}


def load(shell: InteractiveShell) -> None:
    """Give a shell the magics; a second time changes nothing."""
    if id(shell) not in _loaded:
        from iobound.ipython.extension import Extension

        _loaded[id(shell)] = Extension(shell)


def unload(shell: InteractiveShell) -> None:
    """Take them away again."""
    extension = _loaded.pop(id(shell), None)
    if extension is not None:
        extension.remove()
