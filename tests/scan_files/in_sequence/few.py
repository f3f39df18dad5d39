# rules: IOB201, IOB202, IOB205, IOB211
import argparse
import itertools
import sys

import click
import requests

SIZE = 500


# case: what a person has typed
def main(session: requests.Session):
    for url in sys.argv[1:]:  # expect: IOB201~
        session.get(url)


# case: through a parser
def parsed(session: requests.Session):
    parser = argparse.ArgumentParser()
    parser.add_argument("urls", nargs="+")
    args = parser.parse_args()
    urls = args.urls
    for url in urls:  # expect: IOB201~
        session.get(url)


# case: as an argument of the function that runs the command
def run(args: argparse.Namespace, session: requests.Session):
    return [session.get(url) for url in args.urls]  # expect: IOB202~


# case: what a service gives, for what a person has typed
def found(session: requests.Session):
    parser = argparse.ArgumentParser()
    parser.add_argument("query")
    args = parser.parse_args()
    for url in session.get(args.query).json():  # expect: IOB201
        session.get(url)


# case: the arguments of a command
@click.command()
@click.argument("names", nargs=-1)
def show(names):
    cleaned = []
    for name in names:
        cleaned.append(name.strip())
    return [requests.get(name) for name in cleaned]  # expect: IOB202~, IOB205~


# case: the same of any function
def show_all(names):
    return [requests.get(name) for name in names]  # expect: IOB202, IOB205


# case: lines of a file that a person has named
@click.command()
@click.argument("path")
def each_line(path):
    with open(path) as lines:
        for line in lines:  # expect: IOB201
            requests.get(line)  # expect: IOB205


# case: batches of a fixed size
def send(rows, session: requests.Session):
    for batch in itertools.batched(rows, SIZE):  # expect: IOB201~
        session.post("https://rows.test", json=batch)


# case: batches that somebody else has made
def send_all(batches, session: requests.Session):
    for batch in batches:  # expect: IOB201
        session.post("https://rows.test", json=batch)


# case: three items that a property writes out
class Tables:
    addresses = {"one": "https://one.test", "two": "https://two.test"}
    mirrors = {"one": {"a": "https://a.test"}, "two": {"b": "https://b.test", "c": "https://c.test"}}
    many = {"a": "1", "b": "2", "c": "3", "d": "4", "e": "5"}

    def __init__(self, session: requests.Session, whole: bool):
        self.session = session
        self.urls = ["https://one.test"]
        if whole:
            self.urls.append("https://two.test")
        else:
            self.urls.append("https://three.test")

    @property
    def files(self):
        return ["train.txt", "valid.txt", "test.txt"]

    @property
    def parts(self):
        return ["one.txt", "two.txt", "three.txt", "four.txt"]

    @property
    def grown(self):
        found = ["train.txt"]
        found += [f"{number}.txt" for number in range(20)]
        return found

    def load(self, session: requests.Session):
        for name in self.files:
            session.get(f"https://files.test/{name}")

    # case: four of them
    def load_parts(self, session: requests.Session):
        for name in self.parts:  # expect: IOB201
            session.get(f"https://files.test/{name}")

    # case: a list that a property goes on filling
    def load_grown(self, session: requests.Session):
        for name in self.grown:  # expect: IOB201
            session.get(f"https://files.test/{name}")

    # case: the first two, and the rest
    def load_some(self, session: requests.Session):
        for name in self.grown[:2]:
            session.get(f"https://files.test/{name}")
        for name in self.grown[2:]:  # expect: IOB201
            session.get(f"https://files.test/{name}")

    # case: a table of the class
    def load_table(self, session: requests.Session):
        for name, url in self.addresses.items():
            session.get(url, params={"name": name})
        for name, url in self.many.items():  # expect: IOB201
            session.get(url, params={"name": name})

    # case: a table in a table
    def load_mirror(self, name, session: requests.Session):
        for url in self.mirrors[name].values():
            session.get(url)

    # case: what the constructor adds to
    def load_all(self, session: requests.Session):
        for url in self.urls:
            session.get(url)


# case: a property that a class below says otherwise
class Plain:
    @property
    def names(self):
        return ["one"]

    def load(self, session: requests.Session):
        for name in self.names:  # expect: IOB201
            session.get(f"https://files.test/{name}")


class Large(Plain):
    @property
    def names(self):
        return [f"{number}" for number in range(100)]


# case: one of several lists
def of_region(region, first, second, session: requests.Session):
    urls = []
    if region == "here":
        urls = [first]
    elif region == "there":
        urls = [second]
    else:
        urls = [first, second]
    for url in urls:
        session.get(url)


# case: a list that is filled in a loop
def filled(rows, session: requests.Session):
    urls = []
    for row in rows:
        urls.append(row.url)
    for url in urls:  # expect: IOB201
        session.get(url)


# case: a list that a parameter may stand for
def either(urls=None, *, session: requests.Session):
    if urls is None:
        urls = ["https://one.test"]
    for url in urls:  # expect: IOB201
        session.get(url)


# case: batches of a fixed size, by their places
class Sender:
    CHUNK_SIZE = 30

    def send(self, rows, session: requests.Session):
        for start in range(0, len(rows), self.CHUNK_SIZE):  # expect: IOB201~
            session.post("https://rows.test", json=rows[start : start + self.CHUNK_SIZE])

    # case: of a size that is given
    def send_by(self, rows, size, session: requests.Session):
        for start in range(0, len(rows), size):  # expect: IOB201
            session.post("https://rows.test", json=rows[start : start + size])
