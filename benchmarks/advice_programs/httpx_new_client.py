"""httpx.get for every item: each makes a client of its own, which costs more than the answer."""

import httpx
from _server import serving
from _ways import pooled, run


def status(url):
    return httpx.get(url).status_code


def main():
    codes = {}
    for url in urls:
        codes[url] = status(url)
    print(sum(code == 200 for code in codes.values()), "are well")


if __name__ == "__main__":
    with serving() as base:
        urls = [f"{base}/health/{number}?delay=30" for number in range(40)]
        run(main, pooled(status, urls), {"threads": (4, 16), "processes": (2, 8)})
