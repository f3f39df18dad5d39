"""The pytest plugin: options and a marker; everything else is loaded with `--iobound` only.

`enabled` puts the other parts in place: `recorder` notes in every process that runs tests which thread ran which phase
when; `controller` has the whole family of processes observed, collects the notes and asks the pipeline what they mean;
`showing` writes it. This file is loaded by every pytest of an environment that has iobound: it imports nothing.
"""

from __future__ import annotations

TYPE_CHECKING = False  # as in `typing`, which need not be loaded for this
if TYPE_CHECKING:
    import pytest

_MARKER = (
    "iobound(max_wait=seconds, max_sleep=seconds, bound='cpu', no_loop_block=True): with --iobound, fail the test when "
    "its call waits or sleeps for longer, is bound by something else, or blocks its event loop"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options, and what can stand in the ini file in their place."""
    group = parser.getgroup("iobound", "iobound: what tests wait for, and whether pytest-xdist would help")
    group.addoption("--iobound", action="store_true", default=None, help="observe the tests and say what they wait for")
    group.addoption(
        "--iobound-report",
        metavar="FORMAT[:PATH]",
        action="append",
        help="text (the long summary), log (the short one, as in CI systems), json:PATH (the suite, for "
        "--iobound-baseline), github, gitlab, sarif, junit or markdown:PATH (the suite for CI), or another format of "
        "`iobound run`; repeatable; implies --iobound",
    )
    group.addoption(
        "--iobound-fail-on",
        metavar="EXPR",
        action="append",
        help="fail when this holds of the suite, such as 'wait_sleep>5%%'; repeatable; implies --iobound",
    )
    group.addoption(
        "--iobound-baseline",
        metavar="FILE",
        help="an earlier --iobound-report json:FILE: tell tests that wait longer now; implies --iobound",
    )
    group.addoption(
        "--iobound-no-ci",
        action="store_true",
        default=None,
        help="no annotations and no summary of the step, even in GitHub Actions",
    )
    parser.addini("iobound", "observe the tests, as --iobound does", type="bool", default=False)
    parser.addini("iobound_report", "as --iobound-report, one a line", type="linelist", default=[])
    parser.addini("iobound_fail_on", "as --iobound-fail-on, one a line", type="linelist", default=[])
    parser.addini("iobound_no_ci", "as --iobound-no-ci", type="bool", default=False)
    parser.addini("iobound_baseline", "as --iobound-baseline", default="")


def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Begin before conftests are loaded: the observer needs a moment to be there.

    A worker of pytest-xdist does not know yet that it is one; its time comes when it is configured.
    """
    import os

    if "PYTEST_XDIST_WORKER" not in os.environ:
        _enable(early_config, early_config.known_args_namespace)


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known; begin where the plugin was loaded too late for the hook above."""
    config.addinivalue_line("markers", _MARKER)
    _enable(config, config.option)


def _enable(config: pytest.Config, options: object) -> None:
    asked = ("iobound", "iobound_report", "iobound_fail_on", "iobound_baseline")
    if any(getattr(options, name, None) for name in asked) or config.getini("iobound"):
        import time

        began = time.monotonic_ns(), time.process_time_ns()
        _leave_our_assertions_alone(config)
        from iobound.pytest_plugin.enabled import enable

        enable(config, options, began)


def _leave_our_assertions_alone(config: pytest.Config) -> None:
    """Have our modules loaded as they are.

    pytest compiles every module of a distribution that has a plugin anew, for its assertions; that takes a second
    where it has not been done before, and again in every run where the result cannot be kept.
    """
    hook = getattr(config.pluginmanager, "rewrite_hook", None)
    marked = getattr(hook, "_must_rewrite", None)
    known = getattr(hook, "_marked_for_rewrite_cache", None)
    if isinstance(marked, set) and isinstance(known, dict):
        own = {name for name in marked if name.partition(".")[0] == "iobound"}
        marked -= own
        for name in [name for name in known if name.partition(".")[0] == "iobound"]:
            del known[name]
