"""asyncio: 40 clients and their server in one loop, as fast as they go."""

import asyncio

from _measured import measured_work


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while line := await reader.readline():
        writer.write(line)
        await writer.drain()
    writer.close()


async def ask(port: int, messages: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for number in range(messages):
        writer.write(b"%d\n" % number)
        await writer.drain()
        await reader.readline()
    writer.close()


async def load() -> None:
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        await asyncio.gather(*(ask(port, 500) for _ in range(40)))


with measured_work():
    asyncio.run(load())
