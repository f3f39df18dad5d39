"""`import iobound` is light: the decorator stands in other people's programs."""

import subprocess
import sys

HEAVY = ("asyncio", "psutil", "pyinstrument", "rich", "subprocess", "tomllib", "multiprocessing", "iobound.pipeline")


def test_import_loads_nothing_heavy() -> None:
    """A fresh interpreter that imports iobound loads none of what a run needs."""
    code = (
        f"import sys; old = {{*sys.modules}}; import iobound; print({{*sys.modules}} & {{*{HEAVY}}} - old or 'light')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "light"
