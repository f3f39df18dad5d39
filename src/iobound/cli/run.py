"""`iobound run [options] script.py [args…]`, `… -m pkg.mod [args…]`, `… -c CODE [args…]`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, TextIO

from iobound import pipeline
from iobound.cli.guarding import OutputGuard
from iobound.cli.messages import one_line
from iobound.cli.options import (
    Parser,
    add_report_options,
    from_project,
    positive_float,
    rate,
    require_apart,
    share,
    tree_words,
)
from iobound.errors import TargetNotFound, UsageError
from iobound.pipeline import Options, Outcome, Target, gating, listed, screen
from iobound.pipeline.wishes import joined_by_ci, summed_up_by_ci, wishes

if TYPE_CHECKING:
    from iobound.model.scan_options import ScanOptions

_FLAGS = ("--portable", "--guard-output", "--no-ci", "-h", "--help")


def main(arguments: Sequence[str]) -> int:
    """Run a target and report; returns the target's exit code, or 1 when a check failed and the target succeeded."""
    parser = _parser()
    ours, target = split(arguments)
    given = parser.parse_args([*from_project(parser, ours), *ours])
    if not target:
        raise UsageError("nothing to run", hint="iobound run script.py [args…]")
    wanted = wishes(given.report)
    require_apart(wanted, target[0], given.save)
    screen.states_of(given.tree)
    command = command_of(target)
    with OutputGuard(wanted=given.guard_output) as guard:
        outcome = pipeline.run(
            Target(command, tuple(target)),
            Options(
                rate_hz=given.rate, max_overhead=given.max_overhead, timeout_s=given.timeout, portable=given.portable
            ),
            workers=tuple(sorted(set(given.workers or pipeline.WORKERS))),
            checks=given.check or (),
            save=given.save,
            scanning=_scanning,
        )
        return _report(outcome, given, wanted, guard.stream())


def _scanning(rules: Collection[str]) -> ScanOptions:
    """What the project says of scans; looked up when the target has ended."""
    from iobound.cli.scan_options import project_options

    return project_options(rules)


def _report(outcome: Outcome, given: argparse.Namespace, wanted: Sequence[pipeline.ReportWish], stream: TextIO) -> int:
    failed = gating.failed(outcome.diagnosis.checks) if outcome.diagnosis is not None else []
    try:
        if outcome.diagnosis is None:
            screen.put(f"iobound: the report is lost: {one_line(outcome.lost)}\n", stream)
            screen.put("".join(gating.unknown(given.check or ())), stream)
            return outcome.exit_code or int(bool(given.check))
        if given.tree is not None or any(wish.path is None for wish in wanted):
            screen.put(screen.fresh_line(stream), stream)
        told = listed.ToldRun(outcome.diagnosis)
        left_out = ""
        if summed_up_by_ci(wanted, unwanted=given.no_ci):
            left_out = _unless_lost("the summary is", told.to_page)
        try:
            drawn = screen.tree_of(outcome.diagnosis, given.tree, wanted)
            screen.show(told, wanted, stream, width=given.width, then=drawn)
        except UsageError as error:  # found out too late to be the user's: the target's exit code is the target's
            screen.put(f"iobound: {one_line(error.message)}\n", stream)
        if joined_by_ci(wanted, unwanted=given.no_ci):
            style = screen.style_of(stream, None)
            screen.put(_unless_lost("the annotations are", lambda: told.render("github", style)), stream)
        screen.put(left_out + "".join(failed), stream)
    except (OSError, ValueError):  # a closed stderr must not change the target's exit code
        screen.give_up_on_stderr()
    return outcome.exit_code or int(bool(failed))


def _unless_lost(what: str, make: Callable[[], str]) -> str:
    """A text, or one that says that it is lost: that must not change the target's exit code."""
    try:
        return make()
    except Exception as problem:
        return f"iobound: {what} lost: {one_line(f'{type(problem).__name__}: {problem}')}\n"


def split(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """Our own options, and from the first word that is none the target with its arguments.

    Example:
        >>> split(["--rate", "50", "script.py", "--rate", "9"])
        (['--rate', '50'], ['script.py', '--rate', '9'])
    """
    at = 0
    while at < len(arguments):
        word = arguments[at]
        if word == "--":
            return list(arguments[:at]), list(arguments[at + 1 :])
        if not word.startswith("-") or word == "-" or (word[:2] in ("-m", "-c") and not word.startswith("--")):
            break
        if word == "--tree":
            at += tree_words(arguments, at)
        else:
            takes_next = word.startswith("--") and "=" not in word and word not in _FLAGS
            at += 2 if takes_next else 1
    return list(arguments[:at]), list(arguments[at:])


def command_of(target: Sequence[str]) -> tuple[str, ...]:
    """Command line of this interpreter with the options that it was given itself.

    Raises:
        TargetNotFound: There is no such script.
    """
    first = target[0]
    if first[:2] not in ("-m", "-c"):
        _require_script(first)
    elif len(first) == 2 and len(target) < 2:
        raise UsageError(f"{first} needs {'a module' if first == '-m' else 'code'}", hint=f"iobound run {first} …")
    return (sys.executable, *_own_flags(sys.orig_argv), *target)


def _own_flags(words: Sequence[str]) -> list[str]:
    """Options that this interpreter was given itself, for the target's interpreter.

    Args:
        words: `sys.orig_argv`: the interpreter, its options, then `-m iobound`, code, or the path of our own script.

    Example:
        >>> _own_flags(["python", "-W", "error", "-Bm", "iobound", "run", "x.py"])
        ['-W', 'error', '-B']
        >>> _own_flags(["python", "-uc", "from iobound.cli.main import main; main(['run', 'x.py'])"])
        ['-u']
    """
    flags: list[str] = []
    rest = iter(words[1:])
    for word in rest:
        if not word.startswith("-") or word in ("-m", "-c"):
            break
        if word.endswith(("m", "c")) and not word.startswith(("--", "-W", "-X")):
            flags.append(word[:-1])
            break
        flags.append(word)
        if word in ("-W", "-X", "--check-hash-based-pycs"):
            flags.append(next(rest, ""))
    return flags


def _require_script(path: str) -> None:
    if path == "-":
        return  # a program on standard input
    if os.path.isdir(path):
        if not os.path.exists(os.path.join(path, "__main__.py")):
            raise TargetNotFound(
                f"{path} is a directory without __main__.py", hint="name a script, or use -m for a package"
            )
        return
    if not os.path.exists(path):
        hint = f"to run a module: iobound run -m {path}" if "/" not in path and not path.endswith(".py") else None
        raise TargetNotFound(f"there is no script {path}", hint=hint or "check the path")


def _parser() -> Parser:
    parser = Parser(
        prog="iobound run",
        usage="iobound run [options] (script.py | -m module | -c code) [args…]",
        description="Run a program exactly as python would, then say what it is bound by and what would help.",
        allow_abbrev=False,
    )
    add_report_options(parser)
    group = parser.add_argument_group("observing")
    group.add_argument(
        "--rate", metavar="HZ", type=rate, default=150.0, help="looks per second, up to 1000 (default %(default)g)"
    )
    group.add_argument(
        "--max-overhead",
        metavar="SHARE",
        type=share,
        default=0.01,
        help="largest share of one CPU that looking may take (default %(default)g)",
    )
    group.add_argument(
        "--guard-output",
        action="store_true",
        help="in GitHub Actions: take nothing that the target writes for a workflow command",
    )
    group.add_argument("--timeout", metavar="S", type=positive_float, help="stop the target after so many seconds")
    group.add_argument("--save", metavar="FILE.iob", help="keep the recording")
    group.add_argument("--portable", action="store_true", help="observe from inside only, as on systems without /proc")
    return parser
