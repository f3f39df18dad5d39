"""What the extension adds to a shell, and takes away again.

A cell that is one magic as a whole is run by IPython itself, so that everything is as without us: `await`, the
displayed value, the traceback, magics in it. For that its first line is left out when IPython transforms the cell, and
observing begins and ends with the events that IPython has for that.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from iobound.errors import IoboundError
from iobound.ipython import nested, shown
from iobound.ipython.asked import MAGIC, Asked, HelpAsked, Wanted, asked, read
from iobound.pipeline.observing import Observation

if TYPE_CHECKING:
    from IPython.core.interactiveshell import ExecutionInfo, ExecutionResult, InteractiveShell


class _UnderWay(NamedTuple):
    raw_cell: str
    wanted: Wanted
    observation: Observation


class Extension:
    """The magics of one shell, and the cells of it that are under way."""

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell
        self._under_way: list[_UnderWay] = []
        magic: Any = self._magic
        shell.register_magic_function(magic, "line_cell", MAGIC)
        shell.input_transformers_cleanup.append(self._transformed)
        shell.events.register("pre_run_cell", self._begin)
        shell.events.register("post_run_cell", self._end)

    def remove(self) -> None:
        """Leave the shell as it was."""
        for kind in ("line", "cell"):
            self._shell.magics_manager.magics[kind].pop(MAGIC, None)
        with suppress(ValueError):
            self._shell.input_transformers_cleanup.remove(self._transformed)
        for event, called in (("pre_run_cell", self._begin), ("post_run_cell", self._end)):
            with suppress(ValueError):
                self._shell.events.unregister(event, called)

    def _transformed(self, lines: list[str]) -> list[str]:
        try:
            found = asked(lines)
        except Exception:  # then the magic itself finds out, where it can say so
            return lines
        return lines if found is None else found.body

    def _asked(self, raw_cell: str) -> Asked | None:
        if MAGIC not in raw_cell:
            return None
        lines = raw_cell.splitlines(keepends=True)
        for transform in self._shell.input_transformers_cleanup:
            if transform == self._transformed:
                break
            lines = transform(lines)
        return asked(lines)

    def _begin(self, info: ExecutionInfo) -> None:
        found = self._asked(info.raw_cell)
        if found is None:
            return
        observation = _observation(self._shell, found.wanted)
        try:
            observation.begin()
        except IoboundError as error:  # the cell runs all the same, and only its report is missing
            shown.complain(error)
            return
        self._under_way.append(_UnderWay(info.raw_cell, found.wanted, observation))

    def _end(self, result: ExecutionResult | None) -> None:
        """Of the cell that began last; where IPython lost its result, that is the one that has ended."""
        if not self._under_way:
            return
        raw_cell, wanted, observation = self._under_way[-1]
        if result is not None and result.info is not None and result.info.raw_cell != raw_cell:
            return
        self._under_way.pop()
        observation.end()
        if result is not None and result.error_before_exec is not None:
            return  # nothing of it has run
        if result is not None and result.error_in_exec is not None:
            _attach(observation, result.error_in_exec)
        report = shown.told(observation, wanted, self._shell)
        if report is not None and wanted.gives_report:
            self._give(report, result)

    def _give(self, report: object, result: ExecutionResult | None) -> None:
        """Make the report the value of the cell: `Out[n]`, `_`, and what `run_cell` returns."""
        hook = self._shell.displayhook
        hook.exec_result = result
        try:
            with self._shell.builtin_trap:
                hook(report)
        finally:
            hook.exec_result = None

    def _magic(self, line: str, cell: str | None = None, local_ns: dict[str, Any] | None = None) -> Any:
        """Say what a statement or a cell is bound by, and what threads, processes or asyncio would gain.

        `%iobound --help` lists the options.
        """
        try:
            wanted, statement = read(line)
        except HelpAsked as answer:
            print(answer)  # noqa: T201
            return None
        except IoboundError as error:
            raise nested.usage_error(error) from None
        code = nested.code_of(statement, cell)
        observation = _observation(self._shell, wanted)
        try:
            observation.begin()
            try:
                value = nested.run(self._shell, code, local_ns)
            except BaseException as error:
                _attach(observation, error)
                raise
            finally:
                observation.end()
                report = shown.told(observation, wanted, self._shell)
        except IoboundError as error:
            raise nested.usage_error(error) from None
        return report if wanted.gives_report else value

    _magic.needs_local_scope = True  # type: ignore[attr-defined]
    _magic._ipython_magic_no_var_expand = True  # type: ignore[attr-defined]


def _attach(observation: Observation, error: BaseException) -> None:
    with suppress(Exception):  # some exceptions have no room for attributes
        error.iobound_report = observation.report  # type: ignore[attr-defined]


def _observation(shell: InteractiveShell, wanted: Wanted) -> Observation:
    return Observation(
        workers=wanted.workers,
        rate=wanted.rate,
        max_overhead=wanted.max_overhead,
        name=f"In[{max(1, shell.execution_count - 1)}]",
    )
