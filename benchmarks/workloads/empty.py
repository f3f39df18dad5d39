"""Nothing: what is left is the fixed cost of a command."""

from _measured import measured_work

with measured_work():
    pass
