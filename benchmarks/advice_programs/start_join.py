"""Starts a thread for each file and joins it at once."""

import threading
import urllib.request

from _server import serving
from _ways import pooled, run

sizes = []


def download(url):
    with urllib.request.urlopen(url) as response:
        sizes.append(len(response.read()))


def main(urls):
    for url in urls:
        thread = threading.Thread(target=download, args=(url,))
        thread.start()
        thread.join()
    print(sum(sizes))


if __name__ == "__main__":
    with serving() as base:
        urls = [f"{base}/file/{number}?delay=60" for number in range(40)]
        run(lambda: main(urls), pooled(download, urls, "threads"), {"threads": (4, 16)})
