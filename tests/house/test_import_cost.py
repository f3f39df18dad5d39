"""`import iobound` is light: the decorator stands in other people's programs."""

import subprocess
import sys

HEAVY = (
    "asyncio",
    "psutil",
    "pyinstrument",
    "rich",
    "subprocess",
    "tomllib",
    "multiprocessing",
    "iobound.pipeline",
    "iobound.ipython",
)


def test_import_loads_nothing_heavy() -> None:
    """A fresh interpreter that imports iobound loads none of what a run needs."""
    code = (
        f"import sys; old = {{*sys.modules}}; import iobound; print({{*sys.modules}} & {{*{HEAVY}}} - old or 'light')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "light"


UNUSED = (
    "difflib",
    "importlib.resources",
    "pyinstrument",
    "random",
    "rich",
    "secrets",
    "sqlite3",
    "statistics",
    "textwrap",
    "zipfile",
    "iobound.verbs.report.as_html",
    "iobound.verbs.report.as_json",
    "iobound.verbs.report.call_tree",
    "iobound.verbs.report.explained",
    "iobound.verbs.report.findings.as_text",
    "iobound.verbs.report.speedscope",
    "iobound.verbs.report.terminal",
)


def test_the_verbs_load_only_what_a_plain_text_report_needs() -> None:
    """What few runs need is imported by the function that needs it: every run waits for what stands at the top."""
    code = (
        "import sys; old = {*sys.modules}\n"
        "from iobound.verbs import advise, attribute, predict, report, scan, store\n"
        f"print(*sorted({{*sys.modules}} & {{*{UNUSED}}} - old))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split() == []
