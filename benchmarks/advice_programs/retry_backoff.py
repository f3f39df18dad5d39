"""Asks a service that fails now and then, and tries again after a pause."""

import time
import urllib.error
import urllib.request

from _server import serving
from _ways import pooled, run


def fetch(url, attempts=4):
    for attempt in range(attempts):
        try:
            with urllib.request.urlopen(url if attempt else url + "&status=503") as response:
                return response.read()
        except urllib.error.HTTPError:
            if attempt == attempts - 1:
                raise
            time.sleep(0.05 * 2**attempt)
    return b""


def main(urls):
    done = 0
    for url in urls:
        data = fetch(url)
        if data:
            done += 1
    print(done, "of", len(urls))


if __name__ == "__main__":
    with serving() as base:
        urls = [f"{base}/order/{number}?delay=20" for number in range(30)]
        run(lambda: main(urls), pooled(fetch, urls), {"threads": (4, 16), "processes": (8,)})
