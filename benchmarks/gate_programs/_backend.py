"""A server in a process of its own that takes its time over each query, and over a few at once, as a database does.

`GET /anything?delay=MILLISECONDS` is answered with 40 rows of JSON. At most `AT_ONCE` queries are worked on at the same
time; others wait for their turn. It says its port on its first line and ends when its standard input does.
"""

import asyncio
import contextlib
import json
import sys

AT_ONCE = 8
ROWS = json.dumps([{"number": number, "words": "lorem ipsum dolor sit amet"} for number in range(40)]).encode()
HEAD = b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, turn: asyncio.Semaphore) -> None:
    """One query, which has a connection of its own."""
    with contextlib.suppress(ConnectionError, ValueError):
        path = (await reader.readline()).split()[1].decode()
        while (await reader.readline()).strip():
            pass
        async with turn:
            await asyncio.sleep(int(path.partition("delay=")[2]) / 1000)
        writer.write(HEAD % len(ROWS) + ROWS)
        await writer.drain()
    writer.close()


async def serve(port: int) -> None:
    """Serve on a port of this machine, any free one for 0, until standard input ends."""
    turn = asyncio.Semaphore(AT_ONCE)
    server = await asyncio.start_server(lambda r, w: answer(r, w, turn), "127.0.0.1", port, backlog=64)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
