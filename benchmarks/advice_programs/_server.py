"""A web server in a process of its own that takes its time, as one far away does.

`/anything?delay=MS&size=BYTES&status=CODE` answers after that many milliseconds with that many bytes;
`/links/N?of=M` with links to the children of page N; `/pages?after=N&last=M` with a JSON page that names the next one.
"""

import asyncio
import contextlib
import subprocess
import sys
import urllib.parse


@contextlib.contextmanager
def serving(*, one_at_a_time: bool = False):
    """Run the server while the block runs; gives its address, `http://127.0.0.1:PORT`."""
    command = [sys.executable, __file__, "one" if one_at_a_time else "many"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        yield server.stdout.readline().strip()
        server.stdin.close()


def _body(path: str, query: dict[str, str]) -> bytes:
    if path.startswith("/links/"):
        page, count = int(path.rsplit("/", 1)[1]), int(query.get("of", 60))
        children = [child for child in (4 * page + 1 + number for number in range(4)) if child < count]
        return (
            "".join(f'<a href="/links/{child}?of={count}">next</a>\n' for child in children).encode() or b"<p>end</p>"
        )
    if path == "/pages":
        after, last = int(query.get("after", 0)), int(query.get("last", 10))
        following = after + 1 if after + 1 < last else None
        return f'{{"rows": [{after}, {after + 1}], "next": {"null" if following is None else following}}}'.encode()
    return b"word " * (int(query.get("size", 2000)) // 5)


async def _answer(reader, writer, turn) -> None:
    with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
        while request := await reader.readline():
            path, _, query = request.split()[1].decode().partition("?")
            while (await reader.readline()).strip():
                pass
            asked = dict(urllib.parse.parse_qsl(query))
            async with turn:
                await asyncio.sleep(int(asked.get("delay", 40)) / 1000)
            body = _body(path, asked)
            head = b"HTTP/1.1 %d OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n"
            writer.write(head % (int(asked.get("status", 200)), len(body)) + body)
            await writer.drain()
    writer.close()


async def _serve(one_at_a_time: bool) -> None:
    turn = asyncio.Lock() if one_at_a_time else contextlib.nullcontext()
    server = await asyncio.start_server(lambda r, w: _answer(r, w, turn), "127.0.0.1", 0, backlog=256)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1] == "one"))
