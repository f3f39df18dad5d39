import os
import threading

seen = []


def note(when):
    seen.append((when, threading.active_count()))


os.register_at_fork(
    before=lambda: note("before"), after_in_parent=lambda: note("parent"), after_in_child=lambda: note("child")
)
pid = os.fork()
if not pid:
    print(seen, flush=True)
    os._exit(0)
os.waitpid(pid, 0)
print(seen)
