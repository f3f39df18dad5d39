# rules: IOB312
import threading


# case: a thread that computes beside others that do not wait
def simulate(steps):
    value = 0.5
    for _ in range(steps):
        value = 3.9 * value * (1 - value)
    return value


def tell():
    print("running")


def start():
    threading.Thread(target=tell).start()
    threading.Thread(target=simulate, args=(10**8,)).start()
