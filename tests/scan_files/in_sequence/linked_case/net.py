# rules: IOB2
import requests

_SESSION = requests.Session()


def load(url):
    return _SESSION.get(url, timeout=5).json()


class Client:
    def __init__(self, base):
        self.base = base

    def item(self, number):
        return load(f"{self.base}/{number}")

    # case: a method through a function of the same module
    def items(self, numbers):
        return [self.item(number) for number in numbers]  # expect: IOB202


# case: handed to threads in another module
def in_threads(urls):
    return [load(url) for url in urls]


# case: called by nobody but what runs in threads
def below_threads(urls):
    for url in urls:
        load(url)


def handed(urls):
    below_threads(urls)
