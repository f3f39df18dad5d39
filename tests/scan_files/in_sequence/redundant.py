# rules: IOB215, IOB201
import json
from pathlib import Path

import pandas
import requests

SESSION = requests.Session()


# case: settings are read again for each item
def settings(items):
    for item in items:
        known = json.load(open("settings.json"))  # expect: IOB215
        item.apply(known)


# case: a table is read again for each name
def table(names, path):
    found = []
    for name in names:
        prices = pandas.read_csv(path)  # expect: IOB215
        found.append(prices[name])
    return found


# case: a template in a comprehension
def fills(values):
    return [Path("template.html").read_text().format(value) for value in values]  # expect: IOB215


# case: read once
def once(items):
    known = json.load(open("settings.json"))
    for item in items:
        item.apply(known)


# case: another file each time
def each(names):
    for name in names:  # expect: IOB201~
        Path(name).write_bytes(Path(name).with_suffix(".bak").read_bytes())


# case: the path is made of the item
def of_item(names, folder):
    texts = []
    for name in names:  # expect: IOB201~
        path = Path(folder) / name
        texts.append(path.read_text())
    return texts


# case: changed in between
def changes(items):
    for item in items:
        known = json.load(open("state.json"))
        known[item] = True
        with open("state.json", "w") as out:
            json.dump(known, out)


# case: measured on purpose
def measures(url):
    times = []
    for _ in range(100):  # expect: IOB201
        times.append(SESSION.get(url, timeout=5).elapsed)
    return times


# case: only where it is needed
def seldom(items):
    for item in items:
        if item.is_odd:
            known = json.load(open("settings.json"))
            item.apply(known)
