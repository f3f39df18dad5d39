"""Units of work, in a module of their own so that pools can find them whoever runs the workload."""


def fibonacci(n: int) -> int:
    """Nothing but calls."""
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)
