"""Runs cells in a real kernel, or lines in a real terminal shell, and gives what each of them gave."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

_KERNEL = """
import json, sys
import nbformat
from nbclient import NotebookClient
cells = json.load(sys.stdin)
notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
NotebookClient(notebook, timeout=100, allow_errors=True, kernel_name="python3").execute()
json.dump([cell.outputs for cell in notebook.cells], sys.stdout)
"""

_TERMINAL = """
import io, json, sys
from contextlib import redirect_stderr, redirect_stdout
from IPython.terminal.interactiveshell import TerminalInteractiveShell
cells = json.load(sys.stdin)
shell = TerminalInteractiveShell.instance(colors="nocolor", simple_prompt=True)
outputs = []
for cell in cells:
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        shell.run_cell(cell, store_history=True)
    outputs.append([
        {"output_type": "stream", "name": "stdout", "text": out.getvalue()},
        {"output_type": "stream", "name": "stderr", "text": err.getvalue()},
    ])
json.dump(outputs, sys.stdout)
"""


class Output(NamedTuple):
    """What one cell gave."""

    parts: list[dict[str, Any]]

    def written(self, name: str = "stdout") -> str:
        """What it wrote to a stream."""
        return "".join(part["text"] for part in self.parts if part.get("name") == name)

    def shown(self, kind: str = "text/plain", output_type: str = "display_data") -> list[str]:
        """What it displayed, in one form."""
        return [part["data"][kind] for part in self.parts if part["output_type"] == output_type]

    @property
    def values(self) -> list[str]:
        """What stands behind `Out[n]:`."""
        return self.shown(output_type="execute_result")

    @property
    def error(self) -> dict[str, Any] | None:
        """How it failed."""
        return next((part for part in self.parts if part["output_type"] == "error"), None)


def run(cells: list[str], folder: Path, *, terminal: bool = False) -> list[Output]:
    """Run cells one after another in one shell."""
    done = subprocess.run(
        [sys.executable, "-c", _TERMINAL if terminal else _KERNEL],
        input=json.dumps(cells),
        capture_output=True,
        text=True,
        timeout=180,
        cwd=folder,
        env=_environment(folder),
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return [Output(parts) for parts in json.loads(done.stdout)]


def _environment(folder: Path) -> dict[str, str]:
    import os

    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LD_LIBRARY_PATH", "PYTHONPATH")}
    private = dict.fromkeys(("HOME", "IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_DATA_DIR"), str(folder))
    return {**kept, **private, "JUPYTER_PLATFORM_DIRS": "1"}
