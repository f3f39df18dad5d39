"""Extract, transform, load with generators; the transformation is pure Python."""

import json
import tempfile

from _ways import pooled, run

RECORDS = [{"id": number, "text": f"the quick brown fox {number} jumps over {number * 3}"} for number in range(24_000)]


def extract():
    yield from RECORDS


def transform(record):
    vector = [0] * 64
    text = record["text"]
    for size in (2, 3, 4):
        for start in range(len(text) - size):
            code = 0
            for letter in text[start : start + size]:
                code = (code * 131 + ord(letter)) & 63
            vector[code] += 1
    return {"id": record["id"], "vector": vector}


def load(records, file):
    for record in records:
        file.write(json.dumps(record) + "\n")


def main():
    with tempfile.TemporaryFile("w") as file:
        load((transform(record) for record in extract()), file)


if __name__ == "__main__":
    run(main, pooled(transform, RECORDS))
