"""Puts what an agent says into the collector: numbers of one agent become numbers of the run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple, Protocol

from iobound.model.recording import Place, StackNode
from iobound.verbs.observe.collector import Collector, ThreadNotes
from iobound.verbs.observe.sources.agent_channel import unescaped

_MOST_NAMES = 1_000


class AgentWords(Protocol):
    """Port: the supervisor's end of what leads to one agent."""

    def lines(self) -> Iterator[list[str]]:
        """Whole lines that the agent has written since the last call, as fields."""

    def dropped(self) -> int:
        """Looks that were lost because nobody made room for them."""

    def dismiss(self) -> None:
        """Tell the agent to stop."""

    def close(self) -> None:
        """Let go of it: the process is gone."""


class Greeting(NamedTuple):
    """What an agent says of its process."""

    pid: int
    agent_thread: int
    main_ident: int
    main_thread: int
    switch_interval_us: int
    implementation: str
    version: str
    gil_enabled: bool
    free_threaded: bool


class AgentReader:
    """One agent's words, understood.

    Args:
        channel: Where they come from.
        collector: Where they go.
        thread_of: Finds the notes of a thread by its native id; None when it is not observed.
    """

    def __init__(
        self, channel: AgentWords, collector: Collector, thread_of: Callable[[int], ThreadNotes | None]
    ) -> None:
        self.channel = channel
        self.greeting: Greeting | None = None
        self.native_ids: dict[int, int] = {}  # by ident
        self.names: dict[int, str] = {}  # by native id, of threads that were not known yet when their name came
        self.looks = 0
        self.agent_thread = 0
        self.stopped = ""
        self.cpu_of: Callable[[int, int, int, int], None] | None = None
        self.after_look: Callable[[set[int]], None] | None = None
        self._collector = collector
        self._thread_of = thread_of
        self._forget()

    def _forget(self) -> None:
        self._codes: dict[int, tuple[str, str, int]] = {}
        self._places: dict[int, int] = {}
        self._stacks: dict[int, int] = {0: 0}

    @property
    def sees_frames(self) -> bool:
        """Whether it says what the stacks are; without a GIL it knows no more than the names of threads."""
        greeting = self.greeting
        return greeting is None or greeting.gil_enabled or not greeting.free_threaded

    def find_thread_with(self, thread_of: Callable[[int], ThreadNotes | None]) -> None:
        """Replace the way in which threads are found."""
        self._thread_of = thread_of

    def read(self) -> None:
        """Take in everything that has been written since the last call."""
        for fields in self.channel.lines():
            try:
                self._take(fields)
            except (ValueError, IndexError, KeyError, TypeError):
                continue  # one garbled line is one look less

    def close(self) -> None:
        """Take in the last words of a process that is gone, and keep only the counters."""
        self.read()
        self.channel.close()
        self._forget()
        self.native_ids.clear()
        self.names.clear()
        self.cpu_of = self.after_look = None

    def _take(self, fields: list[str]) -> None:
        kind = fields[0]
        if kind == "L":
            self._look(fields)
        elif kind == "S":
            self._stacks[int(fields[1])] = self._collector.stack(
                StackNode(self._stacks[int(fields[2])], self._places[int(fields[3])])
            )
        elif kind == "P":
            number, code, line, column, end_line, end_column = map(int, fields[1:7])
            file, function, first_line = self._codes[code]
            self._places[number] = self._collector.place(
                Place(file, function, first_line, line, column, end_line, end_column)
            )
        elif kind == "C":
            self._codes[int(fields[1])] = (unescaped(fields[2]), unescaped(fields[3]), int(fields[4]))
        elif kind == "N":
            self._name(int(fields[1]), int(fields[2]), unescaped(fields[3]))
        elif kind == "R":
            self._forget()
        elif kind == "A":
            self.agent_thread = int(fields[1])
        elif kind == "H":
            self._greet(fields)
        elif kind == "E":
            self.stopped = unescaped(fields[1])

    def _greet(self, fields: list[str]) -> None:
        self.greeting = Greeting(
            pid=int(fields[2]),
            agent_thread=int(fields[3]),
            main_ident=int(fields[4]),
            main_thread=int(fields[5]),
            switch_interval_us=int(fields[6]),
            implementation=fields[7],
            version=fields[8],
            gil_enabled=fields[9] == "1",
            free_threaded=fields[10] == "1",
        )
        self.agent_thread = self.greeting.agent_thread
        self.know(self.greeting.main_ident, self.greeting.main_thread)

    def know(self, ident: int, native_id: int) -> None:
        """Remember which thread an ident is."""
        self.native_ids[ident] = native_id

    def _name(self, ident: int, native_id: int, name: str) -> None:
        if native_id:
            self.know(ident, native_id)
        native_id = self.native_ids.get(ident, 0)
        thread = self._thread_of(native_id)
        if thread is not None:
            thread.name = name
        elif len(self.names) < _MOST_NAMES:
            self.names[native_id] = name

    def _look(self, fields: list[str]) -> None:
        wanted, taken = map(int, fields[1:3])
        self.looks += 1
        seen = set()
        has_frames = False
        for entry in fields[3:]:
            if not entry:
                continue
            ident, stack, cpu_ns = map(int, entry.split(":"))
            native_id = self.native_ids.get(ident, 0)
            if self.cpu_of is not None:
                self.cpu_of(ident, native_id, wanted, cpu_ns)
                native_id = self.native_ids.get(ident, 0)
            seen.add(native_id)
            has_frames = has_frames or stack > 0
            thread = self._thread_of(native_id)
            if thread is not None:
                thread.stacks.append(wanted, taken, self._stacks[stack], -1)
        if has_frames and self.after_look is not None:  # a look without frames names the main thread alone
            self.after_look(seen)
