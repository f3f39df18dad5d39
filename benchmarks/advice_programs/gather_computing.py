"""asyncio.gather over coroutines that only compute: nothing happens at once."""

import asyncio

from _ways import pooled, run

LIMITS = [200_000 + 500 * number for number in range(50)]


def divisors(limit):
    return sum(1 for number in range(1, limit) if limit % number == 0 or number % 7 == 3)


async def work(limit):
    return divisors(limit) + divisors(limit + 1) + divisors(limit + 2)


def three(limit):
    return divisors(limit) + divisors(limit + 1) + divisors(limit + 2)


async def main():
    results = await asyncio.gather(*(work(limit) for limit in LIMITS))
    print(sum(results))


if __name__ == "__main__":
    run(lambda: asyncio.run(main()), pooled(three, LIMITS))
