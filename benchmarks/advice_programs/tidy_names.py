"""Cleans a list of texts with `map` and regular expressions."""

import re
import unicodedata

from _ways import pooled, run

SPACE = re.compile(r"\s+")
TAG = re.compile(r"<[^>]+>")


def tidy(text):
    text = TAG.sub(" ", text)
    text = unicodedata.normalize("NFKD", text)
    text = "".join(letter for letter in text if not unicodedata.combining(letter))
    return SPACE.sub(" ", text).strip().lower()


TEXTS = [f"<p>Café {number}  über <b>Straße</b>\n\t naïve {number * 7}</p>" * 200 for number in range(1500)]


def main():
    cleaned = list(map(tidy, TEXTS))
    print(len(set(cleaned)))


if __name__ == "__main__":
    run(main, pooled(tidy, TEXTS))
