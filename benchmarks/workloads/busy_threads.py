"""Eight threads of Python that want the GIL all the time."""

import threading

from _measured import measured_work
from _work import fibonacci

with measured_work():
    threads = [threading.Thread(target=lambda: [fibonacci(20) for _ in range(230)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
