"""`iobound COMMAND …`: the only place that catches our errors, prints them and exits."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from importlib import import_module

import iobound
from iobound.cli.messages import one_line
from iobound.errors import IoboundError, UsageError

COMMANDS: Mapping[str, str] = {
    "run": "run a script, a module or code, and report what it is bound by",
    "report": "render a recording again",
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
        print(f"iobound: {one_line(error.message)}", file=sys.stderr)
        if error.hint:
            print(f"hint: {one_line(error.hint)}", file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:
        return 141  # whoever read us has gone; what a shell says of SIGPIPE
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
