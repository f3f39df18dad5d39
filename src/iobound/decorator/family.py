"""A family: the first process that decorated a function, its head, and all that come from it.

The head puts the place of the family's folder into the environment when the first function is decorated. Whichever
process calls one first makes that folder and starts the observer of the head: often a worker of a pool, while the head
itself calls nothing.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress

VARIABLE = "IOBOUND_FAMILY"

_CLAIM = "claimed"
_PLACES = ("/dev/shm", "/tmp")


class Family:
    """Whom this process leaves its calls to.

    Args:
        head: Process that reports.
        born: When it began, in ticks of the system; two processes may have one number, but not both.
        folder: Where the calls of the others are left; it need not be there.
    """

    def __init__(self, head: int, born: str, folder: str) -> None:
        self.head, self.folder = head, folder
        self._born = born

    @property
    def is_own(self) -> bool:
        """Whether this process is the head."""
        return self.head == os.getpid()

    @property
    def lives(self) -> bool:
        """Whether the head has not ended."""
        return _born(self.head) == self._born != ""

    @property
    def has_begun(self) -> bool:
        """Whether anybody has called: there is a folder, and only we may look into it."""
        try:
            found = os.lstat(self.folder)
        except OSError:
            return False
        return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and found.st_mode & 0o777 == 0o700

    def make_folder(self) -> None:
        """Make the folder, unless it is there."""
        with suppress(FileExistsError):
            os.mkdir(self.folder, 0o700)
            os.chmod(self.folder, 0o700)  # whatever the program's umask takes away

    def has_room_for_us(self) -> bool:
        """Make the folder if need be; whether it is one to be written to: anybody can name one in the environment."""
        with suppress(OSError):
            self.make_folder()
        return self.has_begun

    def begins(self) -> bool:
        """Make the folder; whether it is this process that has to start the observer.

        Raises:
            OSError: It is not ours alone.
        """
        self.make_folder()
        if not self.has_begun:
            raise PermissionError(errno.EPERM, "others may look into the folder of this family", self.folder)
        if self.is_own:
            self.announce()
        try:
            os.close(os.open(os.path.join(self.folder, _CLAIM), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            return False
        return True

    def gives_up(self) -> None:
        """This process cannot start the observer; the next one may try, the head itself for one."""
        with suppress(OSError):
            os.unlink(os.path.join(self.folder, _CLAIM))

    def announce(self) -> None:
        """Let children know."""
        os.environ[VARIABLE] = f"{self.head}:{self._born}:{self.folder}"

    def end(self) -> None:
        """The family is over: nothing of it is left."""
        if os.environ.get(VARIABLE, "").endswith(f":{self.folder}"):
            del os.environ[VARIABLE]
        if self.has_begun:
            with suppress(OSError):
                for name in os.listdir(self.folder):
                    os.unlink(os.path.join(self.folder, name))
                os.rmdir(self.folder)


def of_this_process() -> Family:
    """The family that the environment names, while its head lives and is another process; else a new one."""
    head, _, rest = os.environ.get(VARIABLE, "").partition(":")
    born, _, folder = rest.partition(":")
    if head.isdecimal() and os.path.isabs(folder) and os.path.basename(folder).startswith(f"iobound-{head}-"):
        known = Family(int(head), born, folder)
        if known.lives and not known.is_own:
            return known
    return anew()


def anew() -> Family:
    """A family whose head is this process; children will know."""
    places = (_PLACES[0], os.environ.get("TMPDIR", ""), _PLACES[1])
    place = next((place for place in places if os.path.isabs(place) and os.access(place, os.W_OK | os.X_OK)), "/tmp")
    own = os.getpid()
    family = Family(own, _born(own), os.path.join(place, f"iobound-{own}-{os.urandom(6).hex()}"))
    family.announce()
    return family


def _born(pid: int) -> str:
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            fields = file.read(2048).rpartition(b")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] in (b"Z", b"X") else fields[19].decode()
