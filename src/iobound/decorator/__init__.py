"""`@iobound.advise`: how often a function is called and by whom, what its calls wait for, and what would help."""

from iobound.decorator.advising import advise

__all__ = ["advise"]
