"""Who runs a phase: known without asking the kernel, and known anew in a child."""

import os
import subprocess
import sys

import pytest

_IN_A_CHILD = """
import os, threading
from iobound.pytest_plugin.recorder import _Here

here = _Here()
assert here.ids == (os.getpid(), threading.get_native_id())
child = os.fork()
if not child:
    os._exit(0 if here.ids == (os.getpid(), threading.get_native_id()) else 7)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no child is made like this here")
def test_a_forked_child_knows_itself() -> None:
    """Plugins that run each test in a child of its own have the recorder forked with all that it knows."""
    done = subprocess.run([sys.executable, "-c", _IN_A_CHILD], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "0"
