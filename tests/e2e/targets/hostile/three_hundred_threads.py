import threading

done = threading.Event()
threads = [threading.Thread(target=done.wait) for _ in range(300)]
for thread in threads:
    thread.start()
print(threading.active_count(), flush=True)
done.wait(0.3)
done.set()
for thread in threads:
    thread.join()
print(threading.active_count())
