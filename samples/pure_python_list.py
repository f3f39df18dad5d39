"""A pure-Python computation for each number of a list.

Shows:    work that holds the GIL all the time, in independent items of some tens of milliseconds.
Expected: verdict `cpu` (Python code); the advice is `processes` at the comprehension in `main`. Threads would not help.
"""

BLOCK = 6_000
STARTS = [100_000 + BLOCK * number for number in range(40)]


def collatz_length(number):
    length = 1
    while number != 1:
        number = 3 * number + 1 if number % 2 else number // 2
        length += 1
    return length


def longest_of_block(start):
    """The number with the longest Collatz sequence in a block."""
    return max(range(start, start + BLOCK), key=collatz_length)


def main():
    winners = [longest_of_block(start) for start in STARTS]
    best = max(winners, key=collatz_length)
    print(f"{best} takes {collatz_length(best)} steps")


if __name__ == "__main__":
    main()
