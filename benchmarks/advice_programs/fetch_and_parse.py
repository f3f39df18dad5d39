"""Fetches pages and computes over them: seventy percent network, thirty percent Python."""

import urllib.request

from _server import serving
from _ways import pooled, run


def fetch(url):
    with urllib.request.urlopen(url) as answer:
        return answer.read().decode()


def analyse(text):
    counts = {}
    for index in range(len(text) - 2):
        gram = text[index : index + 3]
        counts[gram] = counts.get(gram, 0) + 1
    return len(counts)


def process(url):
    return analyse(fetch(url))


def main():
    found = []
    for url in urls:
        found.append(process(url))
    print(sum(found))


if __name__ == "__main__":
    with serving() as base:
        urls = [f"{base}/doc{number}?delay=35&size=70000" for number in range(50)]
        run(main, pooled(process, urls), {"threads": (2, 4, 16), "processes": (4, 8)})
