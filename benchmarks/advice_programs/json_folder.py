"""Loads, changes and writes back JSON files, one by one."""

import json
import tempfile
from pathlib import Path

from _ways import pooled, run


def update(path):
    with open(path) as file:
        data = json.load(file)
    for entry in data:
        entry["total"] = sum(entry["values"])
        entry["name"] = entry["name"].title()
    with open(path, "w") as file:
        json.dump(data, file)
    return len(data)


def main(folder):
    done = 0
    for path in sorted(Path(folder).glob("*.json")):
        done += update(path)
    print(done)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        data = [{"name": f"item {n}", "values": [n * 0.5, n % 7, 3]} for n in range(9000)]
        for number in range(24):
            Path(folder, f"{number:02d}.json").write_text(json.dumps(data))
        run(lambda: main(folder), pooled(update, sorted(Path(folder).glob("*.json"))))
