"""Requests to a backend that serves one after another, however many ask at once."""

from http.client import HTTPConnection
from urllib.parse import urlsplit

from _server import serving
from _ways import WAITING, pooled, run


def lookup(key):
    connection = HTTPConnection(urlsplit(base).netloc)
    connection.request("GET", f"/key/{key}?delay=40")
    value = connection.getresponse().read()
    connection.close()
    return key, len(value)


def main():
    found = dict(map(lookup, range(60)))
    print(len(found), "keys")


if __name__ == "__main__":
    with serving(one_at_a_time=True) as base:
        run(main, pooled(lookup, range(60)), WAITING)
