"""What findings of processes say besides their place: how bad it is, how sure, the way there, and the fix."""

from __future__ import annotations

from iobound.model.finding import Confidence, Finding, Severity
from iobound.verbs.scan.catalogue.entries import Boundary
from iobound.verbs.scan.catalogue.lookup import Own, catalogue
from iobound.verbs.scan.scanning import findings, read_facts, tops_of


def found_in(**files: str) -> list[Finding]:
    data = {f"{name}.py": text.encode() for name, text in files.items()}
    tops = tops_of(data)
    return findings({file: read_facts(file, each, tops) for file, each in data.items()}, data.get)


def the(rule: str, **files: str) -> Finding:
    (finding,) = (each for each in found_in(**files) if each.rule == rule)
    return finding


def test_a_nested_function_for_a_process_is_a_warning_where_it_may_be_forked():
    source = "import multiprocessing\ndef run():\n    def inner(): pass\n    multiprocessing.Process(target=inner)\n"
    finding = the("IOB502", a=source)
    assert (finding.severity, finding.confidence) == (Severity.WARNING, Confidence.MEDIUM)
    assert finding.message.startswith("unless it is forked")


def test_it_is_an_error_where_the_file_asks_for_spawn():
    source = (
        "import multiprocessing\ncontext = multiprocessing.get_context('spawn')\n"
        "def run():\n    def inner(): pass\n    context.Process(target=inner)\n"
    )
    finding = the("IOB502", a=source)
    assert (finding.severity, finding.confidence) == (Severity.ERROR, Confidence.HIGH)


def test_a_method_costs_or_fails_by_what_its_object_holds():
    method = "    def work(self): pass\n    def run(self, pool: Pool, items):\n        pool.map(self.work, items)\n"
    head = "import threading\nfrom multiprocessing.pool import Pool\nclass A:\n    def __init__(self, given):\n"
    severities = {
        held: the("IOB504", a=f"{head}        self.held = {held}\n{method}").severity
        for held in ("threading.Lock()", "[each for each in given]", "given")
    }
    assert list(severities.values()) == [Severity.ERROR, Severity.WARNING, Severity.INFO]


def test_preexec_fn_that_starts_a_session_is_replaced():
    source = "import os, subprocess\nsubprocess.run(['a'], preexec_fn=os.setsid, check=True)\n"
    fix = the("IOB608", a=source).fix
    assert fix is not None and fix.safe
    (edit,) = fix.edits
    line = source.split("\n")[edit.span.line - 1]
    mended = line[: edit.span.column] + edit.text + line[edit.span.end_column :]
    assert mended == "subprocess.run(['a'], start_new_session=True, check=True)"


def test_preexec_fn_of_which_nothing_is_known_has_no_fix():
    assert the("IOB608", a="import subprocess\nsubprocess.run(['a'], preexec_fn=print)\n").fix is None


def test_the_way_to_a_start_in_another_file_is_told():
    work = (
        "from multiprocessing import Pool\ndef inner(items):\n    with Pool() as pool:\n        pool.map(len, items)\n"
        "\n\n"
        "def outer(items):\n    inner(items)\n"
    )
    finding = the("IOB601", work=work, main="from work import outer\nouter([1])\n")
    assert [(step.name, step.file, step.line) for step in finding.chain] == [
        ("work.outer", "main.py", 2),
        ("work.inner", "work.py", 8),
        ("multiprocessing.Pool", "work.py", 3),
    ]


def test_a_user_may_name_a_boundary_of_their_own():
    source = b"import farm\nfarm.send((item for item in 'abc'))\n"
    ours = catalogue().extended(Own(pools={"farm.send": Boundary("pickle", None, "arguments")}))
    assert "IOB506" in {each.rule for each in read_facts("a.py", source, known=ours).findings}
    assert "IOB506" not in {each.rule for each in read_facts("a.py", source).findings}
