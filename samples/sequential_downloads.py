"""Twenty-four downloads, one after another.

Shows:    a plain loop that waits for the network in each round, while nothing else happens.
Expected: verdict `io` (waiting on the network); the advice is `threads` at the loop in `main`, many times faster.
"""

import pathlib
import tempfile
import urllib.request

from _local_server import local_server

COUNT = 24


def download(url, folder):
    path = pathlib.Path(folder, url.rsplit("/", 1)[-1])
    urllib.request.urlretrieve(url, path)
    return path.stat().st_size


def main():
    with local_server() as address, tempfile.TemporaryDirectory() as folder:
        urls = [f"{address}/page-{number:02}" for number in range(COUNT)]
        sizes = []
        for url in urls:
            sizes.append(download(url, folder))
    print(len(sizes), "files,", sum(sizes), "bytes")


if __name__ == "__main__":
    main()
