"""Compresses blocks with lzma in a list comprehension."""

import lzma

from _ways import pooled, run

BLOCKS = [b"".join(b"%d;" % (n * k % 99_991) for n in range(90_000)) for k in range(3, 39)]


def pack(block):
    return lzma.compress(block, preset=2)


def main():
    packed = [lzma.compress(block, preset=2) for block in BLOCKS]
    print(sum(map(len, BLOCKS)), "->", sum(map(len, packed)))


if __name__ == "__main__":
    run(main, pooled(pack, BLOCKS))
