"""Three asyncio workers take requests from a queue.

Shows:    an event loop that waits for the network; nothing blocks it, but only three requests are under way at once.
Expected: verdict `io` (waiting on the network); the advice is `more_workers` (or `asyncio`, with more of them).
"""

import asyncio

from _local_server import local_server

WORKERS = 3
REQUESTS = 60


async def fetch(port, path):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.0\r\n\r\n".encode())
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer.partition(b"\r\n\r\n")[2]


async def work(port, requests, sizes):
    while True:
        path = await requests.get()
        sizes.append(len(await fetch(port, path)))
        requests.task_done()


async def serve_all(port):
    requests, sizes = asyncio.Queue(), []
    for number in range(REQUESTS):
        requests.put_nowait(f"/page-{number:02}")
    workers = [asyncio.create_task(work(port, requests, sizes)) for _ in range(WORKERS)]
    await requests.join()
    for worker in workers:
        worker.cancel()
    await asyncio.gather(*workers, return_exceptions=True)
    return sizes


def main():
    with local_server() as address:
        sizes = asyncio.run(serve_all(int(address.rsplit(":", 1)[-1])))
    print(len(sizes), "answers,", sum(sizes), "bytes")


if __name__ == "__main__":
    main()
