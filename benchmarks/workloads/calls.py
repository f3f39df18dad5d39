"""Call-heavy Python: the case in which a profile hook distorts most."""

from _measured import measured_work
from _work import fibonacci

with measured_work():
    for _ in range(200):
        fibonacci(23)
