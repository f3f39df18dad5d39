"""Options of the whole suite; fixtures live beside the tests that use them."""

import os
import signal

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ["pytester"]  # for the tests of the pytest plugin; only the uppermost conftest may load it

# What CI system runs the tests must not decide what they see.
for name in ("CI", "GITHUB_ACTIONS", "GITLAB_CI", "TF_BUILD", "BUILD_NUMBER", "BUILDKITE", "CIRCLECI"):
    os.environ.pop(name, None)

# Examples are neither timed nor judged slow: the machines that run this are shared and noisy.
settings.register_profile("iobound", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.load_profile("iobound")


# A shell that starts this in the background has it ignore Ctrl-C, which the programs of the tests would inherit.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """For `-n auto`: one more than there are CPUs, since half of the time tests wait for the programs they started."""
    return (len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1) + 1
