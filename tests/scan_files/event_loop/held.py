# rules: IOB110
import queue
import threading

lock = threading.Lock()
changed = threading.Condition()
jobs = queue.Queue()
names = {}
readers = 0


# case: a lock around memory is held for as long as that takes
def remember(key, value):
    with lock:
        names[key] = value


async def remembering(key, value):
    remember(key, value)


# case: a lock of one's own, made of a condition
def enter():
    global readers
    with changed:
        while readers < 0:
            changed.wait()
        readers += 1


async def entering():
    enter()  # expect: IOB110~


# case: work that somebody has to bring
def next_job():
    return jobs.get()


async def working():
    return next_job()  # expect: IOB110


# case: another thread's whole life
def finish(thread):
    worker: threading.Thread = thread
    worker.join()


async def finishing(thread):
    finish(thread)  # expect: IOB110
