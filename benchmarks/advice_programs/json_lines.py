"""Parses documents with json and counts keys, through functools.partial."""

import functools
import json

from _ways import pooled, run

DOCUMENT = json.dumps(
    [{"id": number, "name": f"user{number}", "tags": ["a", "b", str(number)]} for number in range(6000)]
)
DOCUMENTS = [DOCUMENT] * 300


def count_tagged(tag, document):
    return sum(tag in row["tags"] for row in json.loads(document))


count = functools.partial(count_tagged, "b")


def main():
    print(sum(count(document) for document in DOCUMENTS))


if __name__ == "__main__":
    run(main, pooled(count, DOCUMENTS))
