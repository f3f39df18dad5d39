"""An asyncio crawler that is no faster than a plain loop, because it calls something that blocks.

Shows:    urllib.request.urlopen inside a coroutine: the event loop stands still until the page has come.
Expected: verdict `io` (waiting on the network); the advice is `unblock_event_loop`: await the call on a thread
          (asyncio.to_thread) or use an asynchronous client.
"""

import asyncio
import urllib.request

from _local_server import local_server

PAGES = 24


async def fetch(url):
    with urllib.request.urlopen(url) as answer:  # blocks all other tasks
        return answer.read().decode()


async def crawl(address):
    seen, wanted = set(), ["/a"]
    while wanted and len(seen) < PAGES:
        texts = await asyncio.gather(*(fetch(address + path) for path in wanted))
        seen.update(wanted)
        links = [link for text in texts for link in text.splitlines()[1].split()]
        wanted = [link for link in links if link not in seen][: PAGES - len(seen)]
    return seen


def main():
    with local_server() as address:
        seen = asyncio.run(crawl(address))
    print(len(seen), "pages crawled")


if __name__ == "__main__":
    main()
