"""A crawler: what it fetches next depends on what it has fetched."""

import re
import urllib.request
from collections import deque
from concurrent.futures import ThreadPoolExecutor

from _server import serving
from _ways import run

LINK = re.compile(rb'href="([^"]+)"')


def links(url):
    with urllib.request.urlopen(url) as answer:
        return [base + found.decode() for found in LINK.findall(answer.read())]


def crawl(start):
    seen = {start}
    frontier = deque([start])
    while frontier:
        url = frontier.popleft()
        for link in links(url):
            if link not in seen:
                seen.add(link)
                frontier.append(link)
    print(len(seen), "pages")


def crawl_by_levels(start, workers):
    seen, level = {start}, [start]
    with ThreadPoolExecutor(workers) as pool:
        while level:
            level = [link for found in pool.map(links, level) for link in found if link not in seen]
            seen.update(level)
    print(len(seen), "pages")


if __name__ == "__main__":
    with serving() as base:
        start = f"{base}/links/0?of=60&delay=40"
        ways = {"threads": lambda workers: crawl_by_levels(start, workers)}
        run(lambda: crawl(start), ways, {"threads": (4, 16)})
