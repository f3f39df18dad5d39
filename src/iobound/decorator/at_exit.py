"""The report when a program ends: to standard error, or wherever `IOBOUND_REPORT` says."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

from iobound.decorator.ledger import Ledger
from iobound.decorator.telling import diagnosis_of_all
from iobound.errors import IoboundError, UsageError
from iobound.pipeline import advised, observed, screen, wishes

TYPE_CHECKING = False  # as in `typing`, which is too heavy for what stands in other people's programs
if TYPE_CHECKING:
    from iobound.model.diagnosis import Diagnosis

WISH = "IOBOUND_REPORT"
"""Environment variable: `FORMAT[:PATH]`, several apart by commas, as for `--report`."""


def tell(ledger: Ledger) -> None:
    """Write the report; whatever goes wrong is one line for each report that was asked for, and nothing else."""
    try:
        _tell(ledger)
    except (OSError, ValueError):  # nobody reads standard error, or it is closed
        screen.give_up_on_stderr()
    except Exception as problem:
        _complain(problem)
    finally:
        _end_as_before()


def _tell(ledger: Ledger) -> None:
    diagnosis = diagnosis_of_all(ledger)
    if diagnosis is None:
        return
    asked = [word.strip() for word in os.environ.get(WISH, "").split(",") if word.strip()]
    if not asked:
        stream = screen.stderr()
        style = screen.style_of(stream, None)
        screen.put(screen.fresh_line(stream) + advised.in_short(diagnosis, style), stream)
        return
    for word in asked:  # one that cannot be had takes no other with it
        try:
            _fulfil(word, diagnosis)
        except Exception as problem:
            _complain(problem)


def _fulfil(word: str, diagnosis: Diagnosis) -> None:
    try:
        [wish] = wishes.wishes([word])
    except UsageError as error:
        raise UsageError(f"{WISH}: {error.message}", hint=error.hint) from error
    if wish.path is not None:
        wishes.write(observed.render(diagnosis, wish.format, wishes.style(width=100, unicode=True)), wish.path)
        return
    stream = screen.stderr()
    text = observed.render(diagnosis, wish.format, screen.style_of(stream, None))
    try:
        screen.put(text, stream)
    except (OSError, ValueError):  # nobody reads standard error, or it is closed
        screen.give_up_on_stderr()


def _complain(problem: Exception) -> None:
    """Say in one line that there is no report, and why."""
    text = f"{type(problem).__name__}: {problem}"
    if isinstance(problem, IoboundError):
        text = f"{problem.message} ({problem.hint})" if problem.hint else problem.message
    try:
        screen.put(f"iobound: the report is lost: {' '.join(text.split())[:500]}\n", screen.stderr())
    except (OSError, ValueError):
        screen.give_up_on_stderr()


def _end_as_before() -> None:
    """A program that dies of Ctrl-C ends by that signal: the interpreter forgets it where text is evaluated meanwhile.

    Source:
        CPython's Python/pythonrun.c: run_eval_code_obj sets and resets `unhandled_keyboard_interrupt`; named tuples
        are made by `eval`.
    """
    trace = getattr(sys, "last_traceback", None)
    if getattr(sys, "last_type", None) is not KeyboardInterrupt or trace is None:
        return
    frame, program = trace.tb_frame, sys.modules.get("__main__")
    file = frame.f_code.co_filename
    is_module = frame.f_code.co_name == "_run_module_as_main"
    is_script = file == "<string>" or not file.startswith("<")  # as lines of a console are called
    if is_module or (is_script and frame.f_globals is getattr(program, "__dict__", None)):
        with suppress(KeyboardInterrupt):
            exec("raise KeyboardInterrupt")  # noqa: S102
