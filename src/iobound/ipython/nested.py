"""Running what a magic is given that stands within another cell: `x = %iobound f()`, or `%%time` above `%%iobound`."""

from __future__ import annotations

import ast
import inspect
from typing import TYPE_CHECKING, Any

from iobound.errors import IoboundError, UsageError

if TYPE_CHECKING:
    from types import CodeType

    from IPython.core.interactiveshell import InteractiveShell


def usage_error(error: IoboundError) -> Any:
    """The error as IPython tells it: in one line, without a traceback."""
    from IPython.core.error import UsageError as Told

    return Told(f"{error.message}; {error.hint}" if error.hint else error.message)


def code_of(statement: str, cell: str | None) -> str:
    """What is to be run.

    Raises:
        UsageError: Nothing is, or there is a statement on the line of a cell.
    """
    from IPython.core.error import UsageError as Told

    if cell is None:
        if not statement.strip():
            raise Told("nothing to run; write a statement behind it, or %%iobound above a cell")
        return statement
    if statement.strip():
        raise Told(f"{statement.strip()!r} is no option; the cell begins on the next line, or use %iobound statement")
    if not cell.strip():
        raise Told("nothing to run; write the cell below it")
    return cell


def run(shell: InteractiveShell, code: str, local_ns: dict[str, Any] | None) -> Any:
    """Run code in the user's namespace; the value is that of its last expression.

    Args:
        shell: Has the namespace.
        code: As the user wrote it, magics and all.
        local_ns: Variables of the function that the magic stands in.

    Raises:
        UsageError: There is an `await` that cannot be waited for within another cell.
        Exception: Whatever the code raises.
    """
    __tracebackhide__ = True
    cell = shell.transform_cell(code)
    name = shell.compile.cache(cell, max(1, shell.execution_count - 1), raw_code=code)
    tree = shell.transform_ast(shell.compile.ast_parse(cell, filename=name))
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT if shell.autoawait else 0
    with shell.compile.extra_flags(flags):
        code_of_all = shell.compile(tree, name, "exec")
        code_of_last = None if last is None else shell.compile(ast.Expression(last.value), name, "eval")
    _run(shell, code_of_all, local_ns)
    return None if code_of_last is None else _run(shell, code_of_last, local_ns)


def _run(shell: InteractiveShell, code: CodeType, local_ns: dict[str, Any] | None) -> Any:
    __tracebackhide__ = True
    value = eval(code, shell.user_global_ns, shell.user_ns if local_ns is None else local_ns)  # noqa: S307
    if not code.co_flags & inspect.CO_COROUTINE:
        return value
    if _is_in_event_loop():
        value.close()
        raise UsageError(
            "`await` within another cell cannot be observed: the event loop runs already",
            hint="give it a cell of its own: %%iobound in its first line",
        )
    return shell.loop_runner(value)


def _is_in_event_loop() -> bool:
    import asyncio

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
