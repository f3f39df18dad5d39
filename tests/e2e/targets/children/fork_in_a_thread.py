import os
import threading
import warnings

warnings.simplefilter("ignore")


def work():
    pid = os.fork()
    if not pid:
        print("child of a thread", threading.active_count(), flush=True)
        os._exit(0)
    os.waitpid(pid, 0)


thread = threading.Thread(target=work)
thread.start()
thread.join()
print("joined")
