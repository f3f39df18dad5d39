"""What a program gets that has itself observed: the answer, in whatever form it is asked for.

What an answer needs is loaded when something is asked, and not to have it is the answer's trouble: a program that has
no path to import from any more, or no descriptor left, still gets what its own function returned.
"""

from __future__ import annotations

from iobound.errors import IoboundError, ObservationLost

TYPE_CHECKING = False  # as in `typing`, which is too heavy for a guest
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from iobound.model.diagnosis import Diagnosis
    from iobound.model.recording import Recording

_WIDTH = 80


class Report:
    """What was observed, what it means and what would help.

    `str()` and `print` give the report as text of 80 columns; in Jupyter it shows itself.

    Args:
        diagnosed: Works everything out; called once, when something is asked for.
    """

    def __init__(self, diagnosed: Callable[[], Diagnosis]) -> None:
        self._diagnosed = diagnosed
        self._known: Diagnosis | None = None

    @classmethod
    def of(cls, recording: Callable[[], Recording], workers: Sequence[int]) -> Report:
        """The report of what was observed, which is asked for when the report is."""

        def diagnosed() -> Diagnosis:
            from iobound.pipeline import observed

            return observed.diagnose(recording(), workers=workers)

        return cls(diagnosed)

    @property
    def diagnosis(self) -> Diagnosis:
        """Everything that a report can show.

        Raises:
            ObservationLost: Nothing was observed, or this program leaves nothing to work it out with; the text says
                why.
        """
        if self._known is None:
            try:
                self._known = self._diagnosed()
            except IoboundError:
                raise
            except Exception as problem:
                raise ObservationLost(f"the report cannot be made: {type(problem).__name__}: {problem}") from problem
        return self._known

    @property
    def bound(self) -> str:
        """What it is bound by: `io`, `cpu`, `mixed`, `gil`, `lock`, `starved`, `sleep` or `inconclusive`."""
        return str(self.diagnosis.verdict.bound)

    @property
    def shares(self) -> dict[str, float]:
        """Shares of the wall time by state; they add up to 1."""
        return {str(state): share for state, share in self.diagnosis.breakdown.shares.items()}

    def as_dict(self) -> dict[str, Any]:
        """The JSON report, schema `iobound.report/1`."""
        import json

        found: dict[str, Any] = json.loads(self.render("json"))
        return found

    def render(self, format: str = "text", *, width: int = _WIDTH) -> str:
        """The report in one format.

        Args:
            format: Any that `iobound run --report` knows.
            width: Columns, where the format has such.

        Raises:
            UnknownFormat: There is no such format.
        """
        from iobound.pipeline import observed, wishes

        wishes.ReportWish(format).require_possible()
        return observed.render(self.diagnosis, format, wishes.style(width=width, unicode=True))

    def save(self, path: str) -> None:
        """Keep the recording, for `iobound report` on any machine.

        Args:
            path: A file that need not exist; its folder must.
        """
        from iobound.pipeline import observed

        observed.keep(self.diagnosis.recording, path)

    def __str__(self) -> str:
        return self.render()

    def __repr__(self) -> str:
        try:
            return f"<iobound.Report: {self.diagnosis.verdict.summary}>"
        except IoboundError as problem:  # which must not break whatever shows objects
            return f"<iobound.Report: {problem.message}>"

    def _repr_html_(self) -> str:
        """What a notebook shows that asks for nothing else."""
        from iobound.pipeline import observed

        return observed.fragment(self.diagnosis)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """What a notebook shows: HTML, and text for front ends without it."""
        try:
            return {"text/plain": self.render(), "text/html": self._repr_html_()}
        except IoboundError:
            return {"text/plain": repr(self)}


class NoReport(Report):
    """Stands for a report that there cannot be; shown, it says why.

    Args:
        why: A sentence without a full stop.
    """

    def __init__(self, why: str) -> None:
        super().__init__(self._refuse)
        self._why = why

    def _refuse(self) -> Diagnosis:
        raise ObservationLost(self._why)

    def __str__(self) -> str:
        return f"iobound: {self._why}"
