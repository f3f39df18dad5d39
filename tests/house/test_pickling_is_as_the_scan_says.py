"""What the scan says of `pickle` and of processes is tried with both."""

from __future__ import annotations

import pickle
import subprocess
import sys
import textwrap
import warnings
from multiprocessing.reduction import ForkingPickler
from pathlib import Path

import pytest

from iobound.verbs.scan.catalogue.lookup import catalogue
from iobound.verbs.scan.program.pickling import Flaws
from iobound.verbs.scan.program.view import FileView
from iobound.verbs.scan.scanning import findings, read_facts
from iobound.verbs.scan.syntax.sources import decode, parse_whole
from iobound.verbs.scan.syntax.survey import survey
from tests.house import things_to_pickle

FILE = Path(things_to_pickle.__file__)
THINGS = sorted(name for name in vars(things_to_pickle) if name.startswith(("takes_", "refuses_")))


def flaws_of() -> dict[str, object]:
    source = decode(FILE.read_bytes())
    assert source is not None
    tree = parse_whole(source)
    assert tree is not None
    view = FileView(FILE.name, source, survey(tree, places=False), catalogue(), ascii_only=True)
    flaws = Flaws(view)
    found = {}
    for scope in view.found.scopes:
        if scope.name in THINGS:
            flaw = flaws.of(scope.returns[-1], scope)
            found[scope.name] = None if flaw is None or (flaw.kind == "bound" and flaw.inside is None) else flaw
    return found


FLAWS = flaws_of()


def is_taken(name: str) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ForkingPickler.dumps(getattr(things_to_pickle, name)())
        except (pickle.PicklingError, TypeError, RuntimeError, AttributeError, NotImplementedError):
            return False
    return True


@pytest.mark.parametrize("name", THINGS)
def test_pickle_and_scan_agree(name):
    assert is_taken(name) is name.startswith("takes_")
    assert (FLAWS[name] is None) is name.startswith("takes_"), FLAWS[name]


EXCEPTIONS = {
    "forwards less": ("a, b", "super().__init__(f'{a}{b}')", False),
    "forwards all": ("a, b", "super().__init__(a, b)", True),
    "forwards nothing": ("a, b", "super().__init__()", False),
    "calls nothing": ("a, b", "self.a = a", True),
    "has a default": ("a, b=1", "super().__init__(f'{a}{b}')", True),
    "takes one": ("a", "super().__init__(f'{a}')", True),
    "takes a keyword": ("a, *, b", "super().__init__(a, b)", False),
    "takes any number": ("*args", "super().__init__('a', *args)", True),
    "names its base": ("a, b", "Exception.__init__(self, a)", False),
    "sets its arguments": ("a, b", "super().__init__(f'{a}{b}'); self.args = (a, b)", True),
}


@pytest.mark.parametrize("how", EXCEPTIONS)
def test_exceptions_are_rebuilt_or_not_as_the_scan_says(how, monkeypatch):
    parameters, body, is_rebuilt = EXCEPTIONS[how]
    source = f"class Trouble(Exception):\n    def __init__(self, {parameters}):\n        {body}\n"
    module = {"__name__": __name__}
    exec(source, module)
    monkeypatch.setitem(globals(), "Trouble", module["Trouble"])
    given, named = ((1, 2), {}) if parameters.startswith("a, b") else ((1,), {"b": 2} if "*, b" in parameters else {})
    made = module["Trouble"](*given, **named)
    try:
        pickle.loads(pickle.dumps(made))
        rebuilt = True
    except TypeError:
        rebuilt = False
    assert rebuilt is is_rebuilt
    program = (
        source + "from multiprocessing import Pool\ndef work(item):\n    raise Trouble(item)\n"
        "def run(items):\n    with Pool() as pool:\n        return pool.map(work, items)\n"
    )
    assert ("IOB508" in rules_in(program)) is not is_rebuilt


def rules_in(source: str) -> set[str]:
    facts = {"a.py": read_facts("a.py", source.encode())}
    return {finding.rule for finding in findings(facts, {"a.py": source.encode()}.get)}


PROGRAMS = {
    "IOB601": (
        """
        from multiprocessing import Process, set_start_method

        def work():
            return 1

        set_start_method("spawn", force=True)
        process = Process(target=work)
        process.start()
        process.join()
        """,
        "An attempt has been made to start a new process before",
    ),
    "IOB604": (
        """
        import multiprocessing

        multiprocessing.set_start_method("spawn")

        def work():
            return 1

        if __name__ == "__main__":
            process = multiprocessing.Process(target=work)
            process.start()
            process.join()
        """,
        "RuntimeError: context has already been set",
    ),
    "IOB607": (
        """
        from multiprocessing import Pool

        def work(item):
            return item

        def outer(item):
            with Pool(1) as pool:
                return pool.map(work, [item])

        if __name__ == "__main__":
            with Pool(1) as pool:
                pool.map(outer, [1])
        """,
        "daemonic processes are not allowed to have children",
    ),
    "IOB603": (
        """
        from multiprocessing import get_context

        RATE = None

        def work(item):
            return item * RATE

        def run():
            global RATE
            RATE = 3
            with get_context("spawn").Pool(1) as pool:
                return pool.map(work, [1])

        if __name__ == "__main__":
            run()
        """,
        "TypeError: unsupported operand type(s) for *: 'int' and 'NoneType'",
    ),
}


@pytest.mark.parametrize("rule", PROGRAMS)
def test_programs_fail_as_the_scan_says(rule, tmp_path):
    source, message = PROGRAMS[rule]
    script = tmp_path / "program.py"
    script.write_text(textwrap.dedent(source))
    assert rule in rules_in(script.read_text())
    ended = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=60, check=False)
    assert message in ended.stderr


def test_what_python_runs_as_a_package_is_not_imported_again(tmp_path):
    source = textwrap.dedent(PROGRAMS["IOB601"][0])
    elsewhere = source.replace("def work():\n    return 1\n", "from program.work import work\n")
    package = tmp_path / "program"
    package.mkdir()
    (package / "__main__.py").write_text(elsewhere)
    (package / "work.py").write_text("def work():\n    print('worked')\n")
    command = [sys.executable, "-m", "program"]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert (ended.stdout, ended.stderr) == ("worked\n", "")
