"""Eight queens and a sieve: Python and nothing else."""

from _ledger import Ledger, now


def queens(size: int, row: int = 0, columns: int = 0, left: int = 0, right: int = 0) -> int:
    if row == size:
        return 1
    count, free = 0, ~(columns | left | right) & ((1 << size) - 1)
    while free:
        bit = free & -free
        free ^= bit
        count += queens(size, row + 1, columns | bit, (left | bit) << 1, (right | bit) >> 1)
    return count


def sieve(limit: int) -> int:
    prime = [True] * limit
    for number in range(2, limit):
        if prime[number]:
            for multiple in range(number * number, limit, number):
                prime[multiple] = False
    return sum(prime)


ledger = Ledger()
end = now() + 5
with ledger.spend("cpu_python"):
    while now() < end:
        queens(8)
        sieve(60_000)
ledger.settle(["cpu"])
