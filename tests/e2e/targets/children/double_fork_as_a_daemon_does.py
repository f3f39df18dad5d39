import os
import time

reader, writer = os.pipe()
if not os.fork():
    os.setsid()
    if os.fork():
        os._exit(0)
    os.close(reader)
    time.sleep(0.3)
    os.write(writer, b"daemon")
    os._exit(0)
os.close(writer)
os.wait()
print(os.read(reader, 10))
