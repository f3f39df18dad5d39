import threading

for _ in range(3000):
    thread = threading.Thread(target=int)
    thread.start()
    thread.join()
print(threading.active_count())
