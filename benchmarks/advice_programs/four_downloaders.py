"""Downloads on four threads where sixteen would do better."""

from concurrent.futures import ThreadPoolExecutor
from urllib.request import urlopen

from _server import serving
from _ways import pooled, run


def size(url):
    with urlopen(url) as answer:
        return len(answer.read())


def main():
    with ThreadPoolExecutor(max_workers=4) as executor:
        print(sum(executor.map(size, urls)))


if __name__ == "__main__":
    with serving() as base:
        urls = [f"{base}/f{number}?delay=100" for number in range(100)]
        run(main, pooled(size, urls), {"threads": (16,), "processes": (8,)})
