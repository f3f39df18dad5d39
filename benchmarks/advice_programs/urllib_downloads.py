"""Downloads with urllib, one after another, in a for loop that appends."""

import tempfile
import urllib.request
from pathlib import Path

from _server import serving
from _ways import WAITING, pooled, run

COUNT = 60
folder = Path(tempfile.mkdtemp())


def download(url):
    target = folder / url.rsplit("/", 1)[-1].partition("?")[0]
    with urllib.request.urlopen(url) as answer:
        target.write_bytes(answer.read())
    return target.stat().st_size


def main():
    sizes = []
    for url in urls:
        sizes.append(download(url))
    print(sum(sizes), "bytes")


if __name__ == "__main__":
    with serving() as base:
        urls = [f"{base}/file{number}?delay=40&size=20000" for number in range(COUNT)]
        run(main, pooled(download, urls), WAITING)
