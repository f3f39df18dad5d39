"""A program that has itself observed: it starts an observer beside it, which writes a recording; then it reads that.

program --Beside--> observer --observe_attached--> recording file --load--> Recording --diagnose--> Diagnosis

`Attached` is the program's side, `serve` the observer's. The program's side is loaded into other people's programs
and loads nothing that is not needed until a report is asked for. Nothing that goes wrong here is the program's
business: it runs on unobserved, and its report says why.
"""

from __future__ import annotations

import _thread
import os
import sys

from iobound.verbs import observe

TYPE_CHECKING = False  # as in `typing`, which is too heavy for a guest
if TYPE_CHECKING:
    from collections.abc import Sequence

    from iobound.model.recording import Recording
    from iobound.pipeline.unobserved import Clocks

_MOST_BYTES = 12 << 20
"""A recording is thinned at two thirds of this; a program keeps it in memory until its report is asked for."""


class Attached:
    """The observing of this process, from its begin to its end.

    Args:
        shown: What the program is called in reports.
        rate_hz: Looks a second, as for `iobound run`.
        max_overhead: Largest share of one CPU that looking may take.
        portable: Do as if nothing could be seen from outside.
        thread: Native id of the thread whose block is observed; 0 for all that the program does.
        folder: A private directory of the caller's, which goes away when it is over; a new one if empty.
        at_once: Observe as soon as the observer is ready, without waiting for that here; `begin` is not called then.

    Attributes:
        folder: Of this process and its observer; empty when it is over.
        lost: Why nothing is observed, or nothing any more; empty while all is well.
    """

    _beside: observe.Beside | None

    def __init__(
        self,
        shown: tuple[str, ...],
        *,
        rate_hz: float = 150.0,
        max_overhead: float = 0.01,
        portable: bool = False,
        thread: int = 0,
        at_once: bool = False,
        folder: str = "",
    ) -> None:
        self._know(shown, folder)
        try:
            observe.get_ready()
            self._folder = folder or observe.private_folder()
            settings = _settings(
                self._folder, os.getpid(), self.cwd, self.shown, thread, rate_hz, max_overhead, portable
            )
            beside = observe.Beside(self._folder, settings, patient=not at_once)
            self._beside = beside
            if at_once:
                beside.say(observe.BEGIN)
                self._begins = True
            else:
                self._setting = self._when_ready(beside)
        except observe.NoObserver as problem:
            self._give_up(str(problem))
        except BaseException:
            self.remove()
            raise

    def _know(self, shown: tuple[str, ...], folder: str) -> None:
        self.lost = ""
        self.shown = tuple(observe.shown_words(shown))
        self.cwd = observe.encodable(_cwd())
        self._folder = folder
        self._beside = None
        self._has_agent = self._is_over = self._begins = False
        self._content = b""
        self._setting = ""
        self._turn = _thread.RLock()  # a signal handler may ask for a report while one is made

    @classmethod
    def started_by_another(cls, shown: tuple[str, ...], folder: str) -> Attached:
        """The observing of this process that another one has begun, by `start_for`.

        Args:
            shown: What the program is called in reports.
            folder: The private directory, which goes away when it is over.
        """
        found = cls.__new__(cls)
        found._know(shown, folder)
        try:
            found._beside = observe.Beside.found_in(folder)
            found._begins = True
        except observe.NoObserver as problem:
            found.lost = str(problem)
        return found

    def _when_ready(self, beside: observe.Beside) -> str:
        """The setting of the agent that has to be started in here, where this can be seen from nowhere else."""
        word, _, setting = (beside.answer() or "").partition(" ")
        if word != observe.READY:
            raise observe.NoObserver(beside.lost or "the observer does not get ready")
        return setting

    @property
    def folder(self) -> str:
        """Of this process and its observer; empty when observing is over, or is not possible."""
        return self._folder

    def _require_begun(self, beside: observe.Beside) -> bool:
        """Hear, once, what the observer has said since it was told to begin at once; an agent is started if needed."""
        if not self._begins:
            return True
        self._begins = False
        beside.meet()
        self._setting = self._when_ready(beside)
        self._start_agent()
        return beside.answer() is not None

    def begin(self) -> None:
        """Let the recording begin; takes a millisecond or two."""
        beside = self._beside
        if beside is None:
            return
        try:
            self._start_agent()
            if not (beside.say(observe.BEGIN) and beside.answer() is not None):
                self._give_up(beside.lost)
        except observe.NoObserver as problem:
            self._give_up(str(problem))
        except BaseException:
            self.remove()
            raise

    def _start_agent(self) -> None:
        if not self._setting:
            return
        self._has_agent = observe.Inside.start(self._setting)
        if not self._has_agent:
            raise observe.NoObserver(
                "nothing of this process is to be seen from outside, and no agent can be started in it"
            )

    def _give_up(self, why: str) -> None:
        self.lost = why
        self.remove()

    def wait_until_begun(self) -> bool:
        """Whether observing has begun, where that was to be at once; waits until it has, or cannot."""
        with self._turn:
            beside = self._beside
            try:
                return beside is not None and self._require_begun(beside)
            except observe.NoObserver as problem:
                self.lost = self.lost or str(problem)
                return False

    def hand_on(self) -> bool:
        """Have everything that was seen so far put into the recording; False where nobody does."""
        with self._turn:
            beside = self._beside
            done = beside is not None and self._does(beside, observe.HAND_ON)
            if beside is not None and not done:
                self.lost = self.lost or beside.lost
            return done

    def _does(self, beside: observe.Beside, word: str) -> bool:
        try:
            return self._require_begun(beside) and beside.say(word) and beside.answer() is not None
        except observe.NoObserver as problem:
            self.lost = self.lost or str(problem)
            return False

    def stop(self) -> None:
        """End it: what was seen is in memory then, and nothing else of ours is left. May be called twice."""
        with self._turn:
            beside, self._beside = self._beside, None
        self._is_over = True
        if beside is None:
            return
        try:
            if not self._does(beside, observe.STOP):
                self.lost = self.lost or beside.lost
        finally:
            if self._has_agent:
                observe.Inside.end()
            self._content = self._read()
            self.remove()
            beside.forget()  # only now: the observer stays until the folder is gone

    def _read(self) -> bytes:
        try:
            return observe.content_of(os.path.join(self._folder, observe.RECORDING), _MOST_BYTES)
        except OSError as error:
            self.lost = self.lost or f"the recording cannot be read: {error.strerror}"
            return b""

    def recording(self, begun: Clocks, now: Clocks) -> Recording:
        """What was seen, with the facts of the source; see `seen`."""
        from iobound.pipeline.observed import examined

        return examined(self.seen(begun, now), in_full=self._is_over)

    def seen(self, begun: Clocks, now: Clocks) -> Recording:
        """What was seen, with no facts of the source; of a program that is still observed, what was handed on.

        Args:
            begun: What the clocks of this process said when the observed block began.
            now: And what they say where it ends: all that is known where nothing could be seen.
        """
        from iobound.errors import UnreadableRecording
        from iobound.model.increment import ENDS_EARLY
        from iobound.pipeline.unobserved import recording_of, with_loss

        try:
            recording = self.read()
        except UnreadableRecording as error:
            return recording_of(self.shown, self.cwd, begun, now, self.lost or error.message)
        if not self._is_over and not self.lost:
            return recording._replace(notes=tuple(note for note in recording.notes if note != ENDS_EARLY))
        return with_loss(recording, self.lost) if self.lost else recording

    def read(self) -> Recording:
        """What the observer has written.

        Raises:
            UnreadableRecording: That is nothing, or damaged.
        """
        from iobound.errors import UnreadableRecording
        from iobound.verbs import store  # which loads nothing of what looks at programs

        content = self._content if self._is_over else self._read() if self._folder else b""
        if not content:
            raise UnreadableRecording(self.lost or "the observer has written nothing")
        return store.loaded(content)

    def remove(self) -> None:
        """Have the observer end, if it has not, and leave nothing behind."""
        beside, self._beside = self._beside, None
        if beside is not None:
            beside.say(observe.STOP)
        try:
            if self._folder:
                observe.remove_folder(self._folder)
                self._folder = ""
        finally:
            if beside is not None:
                beside.forget()
                if self._has_agent:
                    observe.Inside.end()


def start_for(pid: int, shown: tuple[str, ...], folder: str) -> int:
    """Have another process of the same family observed, which finds out by `Attached.started_by_another`.

    Args:
        pid: Which.
        shown: What it is called in reports.
        folder: A private directory for it and its observer.

    Returns:
        A descriptor to keep while this process lives.

    Raises:
        NoObserver: Nobody can be started that would look at it.
    """
    words = observe.shown_words(shown)
    observe.get_ready()
    return observe.start_for_another(folder, _settings(folder, pid, observe.encodable(_cwd()), words))


def _settings(
    folder: str,
    pid: int,
    cwd: str,
    shown: Sequence[str],
    thread: int = 0,
    rate_hz: float = 150.0,
    max_overhead: float = 0.01,
    portable: bool = False,
) -> list[str]:
    """As `serve` takes them."""
    gil = getattr(sys, "_is_gil_enabled", lambda: True)()
    how = [str(pid), str(int(gil)), repr(float(rate_hz)), repr(float(max_overhead)), str(int(portable)), str(thread)]
    return [folder, *how, cwd, *shown]


def _cwd() -> str:
    try:
        return os.getcwd()
    except OSError:
        return ""


def serve(settings: Sequence[str]) -> None:
    """The observer's process: look at the program until it says to stop, or ends.

    Args:
        settings: As `Attached` gives them: folder, process, GIL, rate, overhead, portable, thread, working directory,
            and what the program is called.
    """
    import signal

    folder, pid, gil, rate_hz, max_overhead, portable, thread, cwd, *shown = settings
    os.closerange(observe.HEAR + 1, _most_descriptors())
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    for name in (signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGPIPE):
        signal.signal(name, signal.SIG_IGN)
    os.set_inheritable(observe.HEAR, False)
    orders = observe.PipeOrders(observe.HEAR, observe.SPEAK, int(pid), folder)
    try:
        if observe.asks_for_permission():
            orders.wait(10.0)
        from iobound.verbs.store import JournalFile

        journal = JournalFile(os.path.join(folder, observe.RECORDING), limit_bytes=_MOST_BYTES * 2 // 3)
        program = observe.Observed(int(pid), tuple(shown), cwd, int(thread), gil == "1")
        options = observe.Options(float(rate_hz), float(max_overhead), None, portable == "1")
        observe.observe_attached(program, options, journal, orders)
        journal.close()
        orders.answer()
        _wait_until_removed(folder, orders)
    finally:
        if not orders.lives():
            observe.remove_folder(folder)
    os._exit(0)  # nothing is left to do, and the program may be waiting for it


def _wait_until_removed(folder: str, orders: observe.PipeOrders) -> None:
    """The program removes the folder, unless it has another root by now, no descriptors or fewer rights than before."""
    import time

    pause_s = 0.02
    while os.path.exists(folder) and orders.lives():
        time.sleep(pause_s)
        pause_s = min(0.5, pause_s * 1.5)


def _most_descriptors() -> int:
    import resource

    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return 1 << 16 if limit == resource.RLIM_INFINITY else min(limit, 1 << 20)
