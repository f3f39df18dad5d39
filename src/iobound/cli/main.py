"""`iobound COMMAND …`: the only place that catches our errors, prints them and exits."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import TextIO

import iobound
from iobound.cli.messages import one_line
from iobound.errors import IoboundError, UsageError

COMMANDS: Mapping[str, str] = {
    "run": "run a script, a module or code, and report what it is bound by",
    "scan": "read source, run nothing, and list what could wait less",
    "report": "render a recording again",
    "compare": "what changed between runs, beyond noise",
    "explain": "what a rule, a verdict or another word of the reports means",
    "env": "what this machine and interpreter let us observe",
}
"""Each is a module of this package with a `main`; only the one that is used is loaded."""

_USAGE = """\
usage: iobound COMMAND [options]

Is my program waiting or computing? Should I use threads, processes, asyncio, or leave it?

commands:
{commands}

`iobound COMMAND --help` says more, `iobound --version` which this is. Try: iobound run script.py
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit code.

    Example:
        >>> main(["--version"])
        iobound 0.1.0
        0
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        return _dispatch(given)
    except IoboundError as error:
        hint = f"hint: {one_line(error.hint)}" if error.hint else ""
        _tell(f"iobound: {one_line(error.message)}", *map(one_line, error.excerpt), hint)
        return error.exit_code
    except BrokenPipeError:
        _give_up_on(sys.stdout)
        return 141  # whoever read us has gone; what a shell says of SIGPIPE
    except OSError as error:  # files have errors of their own: this is standard output
        _give_up_on(sys.stdout)
        _tell(f"iobound: cannot write the output: {error.strerror or error}")
        return IoboundError.exit_code
    except MemoryError:
        _tell(
            "iobound: there is not enough memory", "hint: scan or report less at once, or raise the limit (ulimit -v)"
        )
        return IoboundError.exit_code
    except KeyboardInterrupt:
        return 130


def _dispatch(given: list[str]) -> int:
    if not given or given[0] in ("-h", "--help", "help"):
        commands = "\n".join(f"  {name:8} {what}" for name, what in COMMANDS.items())
        print(_USAGE.format(commands=commands), end="", file=sys.stdout if given else sys.stderr)
        return 0 if given else UsageError.exit_code
    if given[0] in ("-V", "--version"):
        print(f"iobound {iobound.__version__}")
        return 0
    if given[0] not in COMMANDS:
        hint = (
            f"to run a script: iobound run {given[0]}"
            if given[0].endswith(".py")
            else f"commands: {', '.join(COMMANDS)}"
        )
        raise UsageError(f"no command is called {given[0]!r}", hint=hint)
    return int(import_module(f"iobound.cli.{given[0]}").main(given[1:]))


def _tell(*lines: str) -> None:
    """Write lines to standard error; without one, or with a full one, the exit code has to do."""
    if sys.stderr is None:  # where `print` would take standard output instead
        return
    try:
        print(*filter(None, lines), sep="\n", file=sys.stderr, flush=True)
    except OSError:
        _give_up_on(sys.stderr)


def _give_up_on(stream: TextIO) -> None:
    """What Python still flushes to it at its end must not fail again."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
