"""An agent in this very process, where nobody can see into it from outside; loaded from its folder, not by the path."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # as in `typing`, which is too heavy for a guest
if TYPE_CHECKING:
    from types import ModuleType

_FOLDER = os.path.join(
    os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), "agent", "bootstrap"
)
_MODULES = ("_iobound_ring", "_iobound_frames", "_iobound_stacks", "_iobound_agent")
"""Each needs those before it."""


class Inside:
    """The agent of this process; loaded once, for its hooks around a fork stay as long as the process."""

    _loaded: ModuleType | None = None

    @classmethod
    def start(cls, setting: str) -> bool:
        """Start it by the setting of the observer; False where there can be none.

        What goes wrong is not the program's business: it is observed less well then.
        """
        try:
            cls._loaded = cls._loaded or _load()
            return bool(cls._loaded.start(setting))
        except Exception:
            return False

    @classmethod
    def end(cls) -> None:
        """Have its thread end, and what it has in memory go."""
        if cls._loaded is not None:
            cls._loaded.end()


def _load() -> ModuleType:
    """The agent's modules; in `sys.modules` only while they find one another."""
    from importlib.util import module_from_spec, spec_from_file_location

    before = {name: sys.modules.get(name) for name in _MODULES}
    module = None
    try:
        for name in _MODULES:
            spec = spec_from_file_location(name, os.path.join(_FOLDER, f"{name}.py"))
            if spec is None or spec.loader is None:
                raise ImportError(f"no {name}")
            sys.modules[name] = module = module_from_spec(spec)
            spec.loader.exec_module(module)
    finally:
        for name, known in before.items():
            if known is None:
                sys.modules.pop(name, None)
            else:
                sys.modules[name] = known
    if module is None:
        raise ImportError("no agent")
    return module
