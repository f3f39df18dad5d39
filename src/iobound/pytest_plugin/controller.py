"""The process that was called: it has all processes of the suite observed, and collects what they note."""

from __future__ import annotations

import os
import platform
from collections.abc import Generator, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from iobound.errors import IoboundError
from iobound.pipeline.collecting import without_collector
from iobound.pipeline.watch import Watch
from iobound.pytest_plugin.marks import Broken
from iobound.pytest_plugin.recorder import MORE, NOTES, Notes, Recorder, age_ns, notes_of

if TYPE_CHECKING:
    from iobound.model.recording import Recording
    from iobound.model.stretch import Stretch
    from iobound.model.suite import Limits, PhaseRun, SuiteRun
    from iobound.pipeline.listed import ToldSuite
    from iobound.pipeline.wishes import ReportWish
    from iobound.pytest_plugin.settings import Settings


class _Phase(NamedTuple):
    """A phase that has ended, and what was noted of it."""

    report: pytest.TestReport
    notes: Notes


def _stretch(notes: Notes) -> Stretch:
    from iobound.model.stretch import Stretch

    return Stretch(notes.pid, notes.thread, min(notes.start_ns, notes.end_ns), notes.end_ns, notes.cpu_ns)


def _runs_of(phases: Iterable[_Phase]) -> Iterator[PhaseRun]:
    from iobound.model.suite import FixtureTime, Phase, PhaseRun

    known = {phase.value: phase for phase in Phase}
    for report, notes in phases:
        fixtures = tuple([FixtureTime(*fixture) for fixture in notes.fixtures])
        phase, outcome = known[str(report.when)], str(report.outcome)
        yield PhaseRun(report.nodeid, phase, _stretch(notes), fixtures, tuple(notes.uses), outcome)


def _lines_of(reports: Iterable[pytest.TestReport]) -> dict[str, int]:
    """Where tests begin, by function: for reports that show them in their source."""
    lines: dict[str, int] = {}
    for report in reports:
        file, line, _ = report.location
        if line is not None and report.nodeid.startswith(f"{file}::"):  # which a test that is inherited does not
            lines.setdefault(report.nodeid.partition("[")[0], line + 1)
    return lines


def _broken_of(reports: Iterable[pytest.TestReport]) -> Iterator[tuple[str, str]]:
    for report in reports:
        if isinstance(report.longrepr, Broken):
            for sentence in report.longrepr.sentences:
                yield report.nodeid, sentence


class Controller:
    """Registered in the process that was called, which under pytest-xdist runs no tests itself."""

    def __init__(self, config: pytest.Config, settings: Settings) -> None:
        self._config, self._settings = config, settings
        self._pid = os.getpid()
        self._command = ("pytest", *map(str, config.invocation_params.args))
        self._watch = Watch(self._command)
        self._reports: list[pytest.TestReport] = []
        self._workers: list[dict[str, Any]] = []
        self._told: ToldSuite | None = None
        self._shown: list[str] = []

    def pytest_collection_finish(self) -> None:
        """Tests with a marker are only begun when there is somebody to look at them; the others wait for nobody."""
        own = self._config.pluginmanager.get_plugin("iobound-recorder")
        if isinstance(own, Recorder) and own.has_limits:
            self._watch.wait_until_ready()
            self._config.pluginmanager.register(Judge(self._config, self._watch), "iobound-judge")

    def pytest_sessionstart(self) -> None:
        """Under pytest-xdist only the workers know the markers."""
        if self._config.pluginmanager.has_plugin("dsession"):
            self._config.pluginmanager.register(Judge(self._config, self._watch), "iobound-judge")

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the report, as pytest's own summary does; what it says is read when all have ended."""
        self._reports.append(report)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """A worker of pytest-xdist has ended: it hands over what it spent beside its tests."""
        times = (getattr(node, "workeroutput", None) or {}).get(NOTES)
        if times:
            self._workers.append({"name": str(node.gateway.id), **times})

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """End observing, find out what it means, write the reports."""
        if self._pid != os.getpid():
            return
        age = age_ns()
        self._watch.end()
        try:
            notes = [(report, notes_of(report)) for report in self._reports]
            noted = [_Phase(report, noted) for report, noted in notes if noted is not None]
            if noted:
                with without_collector():  # which would look again and again through all that the tests have left
                    self._conclude(session, self._run(session, age, noted))
            elif not session.config.getoption("collectonly"):
                self._report_on_none(self._run(session, age, noted))
        except IoboundError as problem:
            self._shown.append(f"iobound: {problem.message}")
            self._fail_what_is_not_known(session)
        except Exception as problem:  # a fault of ours must not change what the tests said
            self._shown.append(f"iobound: the summary failed: {type(problem).__name__}: {problem}")
            self._fail_what_is_not_known(session)
        finally:
            self._watch.remove()

    def _run(self, session: pytest.Session, age: int, noted: Sequence[_Phase]) -> SuiteRun:
        from iobound.model.suite import SuiteRun, WorkerTimes

        distributed = self._config.pluginmanager.has_plugin("dsession")
        own = session.config.pluginmanager.get_plugin("iobound-recorder")
        if isinstance(own, Recorder):
            age -= own.own_ns
            if not distributed and own.times():
                self._workers.append({"name": "", **own.times()})
        calls = [report for report, _ in noted if report.when == "call"]
        return SuiteRun(
            command=self._command,
            rootdir=str(self._config.rootpath),
            phases=tuple(_runs_of(noted)),
            workers=tuple(WorkerTimes(**times) for times in self._workers),
            wall_ns=max(0, age),
            distributed=distributed,
            python=platform.python_version(),
            cpus=0.0,
            lines=_lines_of(calls),
            broken=tuple(_broken_of(calls)),
        )

    def _conclude(self, session: pytest.Session, run: SuiteRun) -> None:
        from iobound.pipeline import gating, listed, suite

        recording = self._watch.recording()
        found = suite.conclude(run, recording, self._watch.lost, self._settings.baseline)
        found = suite.held(found, self._settings.fail_on)
        self._told = told = listed.ToldSuite(found)
        self._write_all(told, recording)
        for line in gating.failed(found.checks):
            self._shown.append(line.rstrip())
            self._fail(session)

    def _report_on_none(self, run: SuiteRun) -> None:
        """No test ran: reports say so, as those of an earlier run would be taken for this one's. So do JUnit files."""
        if any(wish.path is not None for wish in self._settings.wishes):
            from iobound.pipeline import listed, suite

            self._write_all(listed.ToldSuite(suite.conclude(run, None, "no test ran")), self._watch.recording())

    def _fail_what_is_not_known(self, session: pytest.Session) -> None:
        """What the suite was to be held against has not been looked at, and must not pass unseen."""
        from iobound.pipeline import gating

        for line in gating.unknown((gate.text for gate in self._settings.fail_on), forbidden=True):
            self._shown.append(line.rstrip())
            self._fail(session)

    def _fail(self, session: pytest.Session) -> None:
        if session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def _write_all(self, told: ToldSuite, recording: Recording | None) -> None:
        for wish in self._settings.wishes:
            if wish.path is not None:
                self._write(wish, wish.path, told, recording)

    def _write(self, wish: ReportWish, path: str, told: ToldSuite, recording: Recording | None) -> None:
        from iobound.pipeline import listed, suite, wishes

        try:
            if wish.format in ("json", "text", *listed.formats()):
                text = told.render(wish.format, wishes.style(width=80, unicode=True))
            elif recording is None:
                self._shown.append(f"iobound: no {wish.format} report: nothing was observed: {self._watch.lost}")
                return
            else:
                text = suite.of_the_run(recording, wish.format)
            wishes.write(text, path)
        except IoboundError as problem:
            self._shown.append(f"iobound: {path} was not written: {problem.message}")

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Show the summary."""
        from iobound.pytest_plugin.showing import show

        try:
            show(terminalreporter, self._settings, self._told, self._shown)
        except Exception as problem:
            terminalreporter.write_line(f"iobound: the summary cannot be shown: {type(problem).__name__}")


class Judge:
    """Holds tests against their markers, before anybody counts a report: registered where there may be markers."""

    def __init__(self, config: pytest.Config, watch: Watch) -> None:
        self._root = f"{config.rootpath}{os.sep}"
        self._watch, self._pid = watch, os.getpid()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> Generator[None]:
        """A test that passed may yet have waited for too long."""
        notes = notes_of(report) if hasattr(report, MORE) and report.outcome == "passed" else None
        if notes is not None and notes.asked is not None and self._pid == os.getpid():
            from iobound.model.suite import Limits

            limits, times_blocked = notes.asked
            self._judge(report, Limits(*limits), _stretch(notes)._replace(times_blocked=times_blocked))
        return (yield)

    def _judge(self, report: pytest.TestReport, limits: Limits, stretch: Stretch) -> None:
        from iobound.pipeline import suite

        try:
            broken = suite.broken_limits(limits, stretch, self._watch)
        except Exception as problem:  # told, for it must not pass unseen
            broken = (f"its limits are not measurable here: {type(problem).__name__}: {problem}",)
        if broken:
            report.outcome = "failed"
            sentences = tuple(sentence.replace(self._root, "") for sentence in broken)
            report.longrepr = Broken(report.location, sentences)  # type: ignore[assignment]
