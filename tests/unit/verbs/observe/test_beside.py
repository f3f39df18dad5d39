"""The program's side of an observer beside it: folder, command line, and talk through named pipes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from iobound.verbs.observe import beside, folder, starting
from iobound.verbs.observe.beside import Beside
from iobound.verbs.observe.folder import ANSWER, SAY, NoObserver, private_folder, remove_folder
from iobound.verbs.observe.observers import is_observer
from iobound.verbs.observe.orders import PipeOrders
from iobound.verbs.observe.words import BEGIN, GONE, STOP


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setattr(folder, "_PLACES", (str(tmp_path), str(tmp_path)))
    return tmp_path


def test_a_folder_is_private_and_goes_with_what_is_in_it(place):
    made = private_folder()
    assert os.stat(made).st_mode & 0o777 == 0o700
    for name in (SAY, "something else"):
        open(os.path.join(made, name), "w").close()
    remove_folder(made)
    assert list(place.iterdir()) == []
    remove_folder(made)  # a second time nothing


def test_where_there_is_no_place_it_says_so(monkeypatch):
    monkeypatch.setattr(folder, "_PLACES", ("/none", "/none"))
    monkeypatch.delenv("TMPDIR", raising=False)
    with pytest.raises(NoObserver, match="/none: No such file or directory"):
        private_folder()


@pytest.mark.parametrize("word", ["plain", "it's", '$HOME `x` "y"', "a\nb", "ü\udcff", ""])
def test_words_reach_the_observer_as_they_are(word):
    quoted = starting._quoted(word)
    done = subprocess.run([b"/bin/sh", b"-c", b"printf %s " + quoted], capture_output=True, check=True)
    assert done.stdout == word.encode("utf-8", "surrogateescape")


def test_what_a_program_is_called_fits_into_a_command_line():
    words = starting.shown_words(["a\0b", "\udcff", "x" * 100_000, *map(str, range(1000))])
    assert words[:2] == ["a\ufffdb", "?"]
    assert sum(map(len, words)) < 100_000


def test_the_observer_has_a_session_of_its_own_before_it_says_its_number(place, monkeypatch):
    """And before it loads anything: a program that is killed with its group meanwhile leaves it alive, to tidy up."""
    first, number, _ = starting.PROGRAM.partition('os.write(4, b"%d\\n" % os.getpid())\n')
    monkeypatch.setattr(starting, "PROGRAM", f"{first}{number}import time\ntime.sleep(60)\n")
    for name in (SAY, ANSWER):
        os.mkfifo(place / name)
    with open(os.open(place / ANSWER, os.O_RDWR), "rb", buffering=0) as answers:
        starting.start(str(place), [])
        said = b""
        while said.count(b"\n") < 2:
            said += answers.read(100)
    observer = int(said.split()[1])
    try:
        assert os.getsid(observer) == observer == os.getpgid(observer)
    finally:
        os.kill(observer, signal.SIGKILL)


class Answering:
    """Stands for the observer: answers each word that it hears with one of its own."""

    def __init__(self, path, answers):
        self.answers = answers
        self.path = path
        self.heard = []

    def start(self, path, settings):
        self.speak = os.open(os.path.join(path, ANSWER), os.O_RDWR)
        self.hear = os.open(os.path.join(path, SAY), os.O_RDWR)
        for line in (starting.STARTED, str(os.getppid())):
            os.write(self.speak, f"{line}\n".encode())
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        for answer in self.answers:
            word = b""
            while not word.endswith(b"\n"):
                word += os.read(self.hear, 1)
            self.heard.append(word.decode().strip())
            if answer is None:
                os.close(self.speak)
                return
            os.write(self.speak, f"{answer}\n".encode())


@pytest.fixture
def talking(place, monkeypatch):
    made = []

    def talk(*answers):
        path = private_folder()
        other = Answering(path, answers)
        monkeypatch.setattr(beside, "start", other.start)
        monkeypatch.setattr(beside, "asks_for_permission", lambda: False)
        made.append(Beside(path, []))
        monkeypatch.setattr(made[-1], "_facts", list)
        monkeypatch.setattr(made[-1], "_state", lambda: "S")
        return made[-1], other

    yield talk
    for each in made:
        each.forget()


def test_it_is_told_and_answers(talking):
    program, observer = talking("first", "second")
    assert program.say("one") and program.answer() == "first"
    assert program.say("two") and program.answer() == "second"
    assert observer.heard == ["one", "two"]


def test_its_end_is_noticed(talking):
    program, _ = talking(None)
    assert program.say("one") and program.answer() is None
    assert program.lost == "the observer has ended"
    assert not program.say("two")


def test_an_interrupted_start_tells_the_observer_that_may_be_on_its_way(place, monkeypatch):
    path = private_folder()
    hear = []

    def interrupted(path, settings):
        hear.append(os.open(os.path.join(path, SAY), os.O_RDWR))
        raise KeyboardInterrupt

    monkeypatch.setattr(beside, "start", interrupted)
    with pytest.raises(KeyboardInterrupt):
        Beside(path, [])
    assert os.read(hear[0], 100) == b"stop\n"
    os.close(hear[0])


def test_silence_is_waited_for_only_so_long(talking):
    program, _ = talking()
    assert program.answer(0.3) is None and program.lost == "the observer does not answer"


@pytest.mark.parametrize("others", [0, 40])
def test_descriptors_that_the_program_closes_are_opened_again(talking, others):
    program, observer = talking("first")
    for descriptor in (program._speak, program._hear):
        os.close(descriptor)
    files = [os.open(os.devnull, os.O_RDONLY) for _ in range(others)]
    try:
        assert program.say("one") and program.answer() == "first"
    finally:
        for file in files:
            os.close(file)
    assert observer.heard == ["one"]


def test_files_of_the_program_on_our_numbers_are_left_alone(talking):
    program, _ = talking()
    number = program._speak
    other = os.open(os.devnull, os.O_RDONLY)
    os.dup2(other, number)
    program.forget()
    os.fstat(number)  # still open
    os.close(number)
    os.close(other)


def test_a_forked_child_does_not_talk(talking, monkeypatch):
    program, _ = talking("first")
    monkeypatch.setattr(beside.Untouched, "getpid", staticmethod(lambda: -5))
    assert not program.say("one")
    assert program.lost == "this process was forked from the observed one"


@pytest.fixture
def orders():
    hear, say = os.pipe()
    listen, speak = os.pipe()
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    yield PipeOrders(hear, speak, process.pid), say, listen, process
    process.kill()
    process.wait()
    for descriptor in (hear, say, listen, speak):
        os.close(descriptor)


def test_orders_are_heard_and_answered(orders):
    heard, say, listen, _ = orders
    os.write(say, f"{BEGIN}\nnonsense\n{STOP}\n".encode())
    assert [heard.wait(1), heard.wait(1), heard.wait(1), heard.wait(0)] == [BEGIN, "", STOP, ""]
    heard.answer("ready x")
    assert os.read(listen, 100) == b"ready x\n"


def untold(heard: PipeOrders) -> None:
    """As on a kernel that cannot tell of the end of a process."""
    if heard._life >= 0:
        os.close(heard._life)
        heard._poll.unregister(heard._life)
        heard._life = -1


@pytest.mark.parametrize("told", [True, False])
def test_a_program_that_is_waited_for_at_this_moment_does_not_live(orders, told, monkeypatch):
    """It was a zombie when it was asked for, and had no file when that was opened: its folder was left for good."""
    heard, _, _, process = orders
    if not told:
        untold(heard)
    assert heard.lives()
    process.send_signal(signal.SIGKILL)
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)

    def killed(pid: int, number: int, kill=os.kill) -> None:
        kill(pid, number)
        monkeypatch.undo()
        process.wait()

    monkeypatch.setattr(os, "kill", killed)
    assert not heard.lives()


@pytest.mark.parametrize("told", [True, False])
def test_the_end_of_the_program_is_heard(orders, told):
    heard, _, _, process = orders
    if not told:
        untold(heard)
    threading.Timer(0.1, process.send_signal, [signal.SIGKILL]).start()
    began = time.monotonic()
    assert heard.wait(60) == GONE
    assert time.monotonic() - began < 30


def test_an_observer_is_known_by_its_command_line():
    command = [sys.executable, "-c", "import time; time.sleep(60)", starting.PROGRAM]
    for words, is_one in ((command, True), (command[:3], False)):
        with subprocess.Popen(words) as process:
            time.sleep(0.1)
            try:
                assert is_observer(process.pid) is is_one
            finally:
                process.kill()
    assert not is_observer(1 << 23)
