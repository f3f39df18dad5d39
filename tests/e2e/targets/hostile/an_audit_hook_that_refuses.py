import sys
import time


def refuse(event, arguments):
    if event in ("sys._current_frames", "os.listdir", "ctypes.dlopen", "socket.connect"):
        raise RuntimeError(event)


sys.addaudithook(refuse)
time.sleep(0.3)
print("nothing was refused")
