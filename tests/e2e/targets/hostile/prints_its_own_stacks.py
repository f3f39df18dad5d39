import sys
import threading
import time
import traceback

time.sleep(0.2)
main = sys._current_frames()[threading.get_ident()]
print([frame.name for frame in traceback.extract_stack(main)])
