"""Nothing but a report of what was used before the first line."""

from _measured import measured_work

with measured_work():
    pass
