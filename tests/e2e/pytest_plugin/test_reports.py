"""Reports, the baseline and expressions that fail a run."""

import json
from collections.abc import Callable

import pytest

Run = Callable[..., pytest.RunResult]


def test_formats_of_runs_are_written_too(run: Run, pytester: pytest.Pytester) -> None:
    """The suite as text and JSON, and the run in a format that other programs read."""
    pytester.makepyfile(test_suite="import time\ndef test_it(): time.sleep(0.4)")
    wishes = ("text:a.txt", "json:a.json", "speedscope:a.speedscope.json")
    run(*(word for wish in wishes for word in ("--iobound-report", wish)))
    assert (pytester.path / "a.txt").read_text(encoding="utf-8").startswith("verdict:")
    assert json.loads((pytester.path / "a.json").read_text(encoding="utf-8"))["schema"] == "iobound.suite/1"
    assert json.loads((pytester.path / "a.speedscope.json").read_text(encoding="utf-8"))["profiles"]


@pytest.mark.parametrize("why", ["deselected", "none", "broken"])
def test_a_suite_without_tests_leaves_no_report_of_an_earlier_one(
    run: Run, pytester: pytest.Pytester, why: str
) -> None:
    """Each says that nothing ran, as the file of `--junitxml` does."""
    names = ("json:a.json", "text:a.txt", "junit:a.xml", "gitlab:a.gl.json", "speedscope:a.speedscope.json")
    wishes = [word for name in names for word in ("--iobound-report", name)]
    for name in names:
        (pytester.path / name.partition(":")[2]).write_text("of yesterday")
    suite = {"deselected": "def test_it(): pass", "none": "", "broken": "import nothing_of_this_name"}[why]
    pytester.makepyfile(test_suite=suite)
    result = run(*wishes, "-k", "other")
    assert result.ret == (pytest.ExitCode.INTERRUPTED if why == "broken" else pytest.ExitCode.NO_TESTS_COLLECTED)
    report = json.loads((pytester.path / "a.json").read_text(encoding="utf-8"))
    assert (report["tests"], report["observed"], report["lost"]) == ([], False, "no test ran")
    assert "no test ran" in (pytester.path / "a.txt").read_text(encoding="utf-8")
    for name in names[2:4]:
        assert "of yesterday" not in (pytester.path / name.partition(":")[2]).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--iobound-report", "json"), "would be written among what the tests say (write --iobound-report json:FILE)"),
        (("--iobound-report", "pdf:x"), "no report format is called 'pdf' (formats: "),
        (("--iobound-report", "json:"), "names no file"),
        (("--iobound-report", ":"), "write --iobound-report FORMAT:FILE"),
        (("--iobound-report", "json:no/such/dir/x"), "no/such/dir"),
        (("--iobound-report", "json:x", "--iobound-report", "text:x"), "would be written over"),
        (("--iobound-fail-on", "exit>3"), "nothing of a suite is called so"),
        (("--iobound-fail-on", "wall_s"), "  wall_s\n        ^ expected a comparison: "),
        (("--iobound-baseline", "none.json"), "cannot read the baseline "),
        (("--iobound-baseline", "test_suite.py"), "is no JSON (write one with --iobound-report json:FILE)"),
    ],
)
def test_what_cannot_be_done_is_said_before_the_suite_runs(
    run: Run, pytester: pytest.Pytester, arguments: tuple[str, ...], says: str
) -> None:
    """A usage error with the value and the next step."""
    pytester.makepyfile(test_suite="def test_it(): pass")
    result = run(*arguments)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert says in result.stderr.str()
    assert "passed" not in result.stdout.str()


def test_a_test_that_waits_longer_than_before_is_told(run: Run, pytester: pytest.Pytester) -> None:
    """And can fail the run; one that computes more, or waits as long, is not."""
    suite = "import time\ndef test_grows(): time.sleep({0})\ndef test_stays(): time.sleep(0.2)\n"
    pytester.makepyfile(test_suite=suite.format(0.1))
    run("--iobound-report", "json:before.json")
    pytester.makepyfile(test_suite=suite.format(0.6))
    result = run("--iobound-baseline", "before.json", "--iobound-fail-on", "waits_longer>0")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["Since the baseline*", "*test_suite.py::test_grows waits longer: *"])
    result.stdout.no_fnmatch_line("*test_stays waits longer*")
    result.stdout.fnmatch_lines(
        ["iobound: check failed: waits_longer>0 must not be: waits_longer is 1, in test_suite.py::test_grows"]
    )


def test_an_expression_that_does_not_hold_changes_nothing(run: Run, pytester: pytest.Pytester) -> None:
    """The exit status is that of the tests."""
    pytester.makepyfile(test_suite="def test_it(): pass")
    result = run("--iobound-fail-on", "wall_s>1000")
    assert result.ret == 0
    result.stdout.no_fnmatch_line("*check failed*")


def test_an_expression_about_what_is_not_known_fails(run: Run, pytester: pytest.Pytester) -> None:
    """Nothing passes unseen."""
    pytester.makepyfile(test_suite="def test_it(): pass")
    result = run("--iobound-fail-on", "waits_longer>0")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*waits_longer is not measurable here: *"])
