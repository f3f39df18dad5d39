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
