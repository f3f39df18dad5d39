"""With the plugin installed and not asked for, nothing changes."""

import re
from collections.abc import Callable

import pytest

Run = Callable[..., pytest.RunResult]

SUITE = """
import sys, time, pytest

@pytest.mark.parametrize("i", range(3))
def test_passes(i): pass

def test_fails(): assert 1 == 2

@pytest.mark.skip
def test_skipped(): pass
"""


def same(result: pytest.RunResult) -> list[str]:
    """What a run said, without times and the list of plugins."""
    said = [line for line in result.outlines if not line.startswith("plugins: ")]
    return [re.sub(r"\d+\.\d+ ?s", "0 s", line) for line in said]


def test_output_is_the_same_as_without_the_plugin(run: Run, pytester: pytest.Pytester) -> None:
    """Verbose output, warnings as errors and all, but for the name in the header."""
    pytester.makepyfile(test_suite=SUITE)
    arguments = ("-v", "-W", "error", "-p", "no:randomly")
    assert same(run(*arguments)) == same(run(*arguments, "-p", "no:iobound"))


def test_nothing_of_ours_is_loaded(run: Run, pytester: pytest.Pytester) -> None:
    """One small module, and the package that it is in; no hooks but its own three."""
    pytester.makepyfile(
        test_suite="""
        import sys
        def test_modules():
            assert sorted(name for name in sys.modules if name.startswith("iobound")) == [
                "iobound", "iobound.pytest_plugin"]
        def test_plugins(pytestconfig):
            names = [name for name, _ in pytestconfig.pluginmanager.list_name_plugin() if "iobound" in name]
            assert names == ["iobound"]
            plugin = pytestconfig.pluginmanager.get_plugin("iobound")
            hooks = sorted(hook.name for hook in pytestconfig.pluginmanager.get_hookcallers(plugin))
            assert hooks == ["pytest_addoption", "pytest_configure", "pytest_load_initial_conftests"]
        """
    )
    run().assert_outcomes(passed=2)


def test_the_marker_is_known_and_does_nothing(run: Run, pytester: pytest.Pytester) -> None:
    """A suite with markers runs where nobody asks for them, strictly, too."""
    pytester.makepyfile(
        test_suite="""
        import pytest, time
        @pytest.mark.iobound(max_sleep=0.0)
        def test_sleeps(): time.sleep(0.05)
        """
    )
    result = run("--strict-markers", "-W", "error")
    result.assert_outcomes(passed=1)
    assert "iobound" not in "\n".join(line for line in result.outlines if not line.startswith("plugins: "))


def test_without_the_plugin_its_options_are_unknown(run: Run, pytester: pytest.Pytester) -> None:
    """`-p no:iobound` blocks all of it."""
    pytester.makepyfile(test_suite=SUITE)
    result = run("-p", "no:iobound", "--iobound")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*unrecognized arguments: --iobound*"])


@pytest.mark.parametrize("question", ["--collect-only", "--fixtures", "--markers", "--help", "--version"])
def test_nothing_is_observed_where_no_test_is_run(run: Run, pytester: pytest.Pytester, question: str) -> None:
    """A question about the suite starts no observer."""
    pytester.makepyfile(
        test_suite=SUITE,
        conftest="""
        import sys
        def pytest_unconfigure():
            assert "iobound.pipeline.attached" not in sys.modules
        """,
    )
    result = run("--iobound", question)
    assert result.ret == 0
    result.stdout.no_fnmatch_line("verdict:*")
