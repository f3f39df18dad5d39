"""Checksums of the parts of a large archive.

Shows:    compiled code that releases the GIL while it works on large buffers, item after item.
Expected: verdict `cpu` (native code); the advice is `native_threads` or `threads` at the loop in `main`: threads
          compute beside each other here, and nothing needs to be pickled.
"""

import hashlib

PART_BYTES = 4_000_000
PARTS = 40
KINDS = ("md5", "sha1", "sha256", "sha512", "sha3_256", "sha3_512", "blake2b", "blake2s")


def make_archive():
    line = bytes(range(251)) * 16
    return memoryview(line * (PARTS * PART_BYTES // len(line) + 1))


def checksums(part):
    return [hashlib.new(kind, part).hexdigest() for kind in KINDS]


def main():
    archive = make_archive()
    parts = [archive[number * PART_BYTES : (number + 1) * PART_BYTES] for number in range(PARTS)]
    results = []
    for part in parts:
        results.append(checksums(part))
    print(len(results), "parts,", len({tuple(digests) for digests in results}), "different")


if __name__ == "__main__":
    main()
