import broken_helper  # noqa: F401
