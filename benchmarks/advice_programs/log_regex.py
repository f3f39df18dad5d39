"""A regular expression over log files, as a pipeline of generators."""

import re
import tempfile
from collections import Counter
from pathlib import Path

from _ways import pooled, run

ENTRY = re.compile(r"^(\d+\.\d+\.\d+\.\d+) - (\w+) \[([^\]]*)\] \"(\w+) ([^ \"]+)[^\"]*\" (\d{3})", re.MULTILINE)


def entries(paths):
    for path in paths:
        yield from ENTRY.finditer(path.read_text())


def statuses(matches):
    for match in matches:
        yield match.group(6), match.group(5).partition("?")[0]


def count(path):
    return Counter(statuses(entries([path])))


def main(folder):
    counts = Counter(statuses(entries(sorted(folder.glob("*.log")))))
    print(counts.most_common(2))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lines = "".join(
            f'10.0.{number % 250}.7 - user{number} [22/Nov/2026] "GET /page/{number % 40}?q={number} HTTP/1.1" 200 51\n'
            for number in range(50_000)
        )
        for number in range(24):
            (folder / f"access{number}.log").write_text(lines)
        run(lambda: main(folder), pooled(count, sorted(folder.glob("*.log"))))
