# rules: IOB2
from pathlib import Path

import pandas
import requests

SESSION = requests.Session()


# case: a sum
def bytes_in_all(urls):
    total = 0
    for url in urls:  # expect: IOB203
        total += len(SESSION.get(url, timeout=5).content)
    return total


# case: a maximum
def slowest(urls):
    worst = 0.0
    for url in urls:  # expect: IOB203
        worst = max(worst, SESSION.get(url, timeout=5).elapsed.total_seconds())
    return worst


# case: a running best with its owner
def best(urls):
    name, score = None, 0
    for url in urls:  # expect: IOB203
        found = SESSION.get(url, timeout=5).json()["score"]
        if found > score:
            score = found
    return name, score


# case: counts by key
def by_status(urls, counts):
    for url in urls:  # expect: IOB203
        counts[SESSION.get(url, timeout=5).status_code] += 1


# case: whole files, which is worth a hint and no more
def characters(paths):
    total = 0
    for path in paths:  # expect: IOB203~
        total += len(Path(path).read_text())
    return total


# case: large files, each parsed
def rows(paths):
    total = 0
    for path in paths:  # expect: IOB203
        total += len(pandas.read_csv(path))
    return total


# case: the sum decides about the next
def until_enough(urls):
    total = 0
    for url in urls:  # expect: IOB212
        total += len(SESSION.get(url, timeout=5).content)
        if total > 1_000_000:
            break
    return total


# case: each request is made of the sum
def chained(urls):
    token = ""
    for url in urls:  # expect: IOB212
        token = SESSION.get(url, params={"after": token}, timeout=5).json()["token"]
    return token


# case: sizes are metadata
def sizes(paths):
    total = 0
    for path in paths:
        total += path.stat().st_size if isinstance(path, Path) else 0
    return total


# case: only numbers
def numbers(values):
    total = 0
    for value in values:
        total += value * value
    return total
