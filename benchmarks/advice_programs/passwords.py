"""Derives a key for each password: one long native call per item."""

import hashlib

from _ways import pooled, run

WORDS = [f"pass{number}word".encode() for number in range(40)]


def derive(word):
    return hashlib.pbkdf2_hmac("sha256", word, b"some salt", 120_000)


def main():
    keys = {}
    for word in WORDS:
        keys[word] = derive(word).hex()
    print(len(keys))


if __name__ == "__main__":
    run(main, pooled(derive, WORDS))
