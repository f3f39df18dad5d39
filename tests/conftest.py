"""Options of the whole suite; fixtures live beside the tests that use them."""

from hypothesis import HealthCheck, settings

pytest_plugins = ["pytester"]  # for the tests of the pytest plugin; only the uppermost conftest may load it

# Examples are neither timed nor judged slow: the machines that run this are shared and noisy.
settings.register_profile("iobound", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.load_profile("iobound")
