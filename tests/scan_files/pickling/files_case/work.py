import functools
import re


def bare(function):
    def wrapper(item):
        return function(item)

    return wrapper


def wrapping(function):
    @functools.wraps(function)
    def wrapper(item):
        return function(item)

    return wrapper


class Lost(Exception):
    def __init__(self, code, place):  # expect: IOB508
        super().__init__(f"{code} at {place}")


@bare
def hidden(item):
    return item


@wrapping
def wrapped(item):
    return item


def lines(item):
    yield item


def find(text):
    if not text:
        raise Lost(1, text)
    return re.match("a", text)  # expect: IOB507


def safe(text):
    return len(text)
