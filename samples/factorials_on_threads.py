"""Five threads print factorials: far too little work for threads to pay.

Shows:    threads around a few microseconds of computing each.
Expected: hardly a run at all, so the verdict is `cpu` or `inconclusive`; the advice is `sequential`, since to start a
          thread or a process costs more than the work that it would take over.
"""

import threading


def factorial(n):
    product = 1
    for factor in range(2, n + 1):
        product *= factor
    return product


def print_factorial(n, lines):
    lines[n] = f"{n}! = {factorial(n)}"


def main():
    lines = {}
    threads = [
        threading.Thread(target=print_factorial, args=(n, lines), name=f"factorial-{n}") for n in (5, 8, 12, 15, 20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for n in sorted(lines):
        print(lines[n])


if __name__ == "__main__":
    main()
