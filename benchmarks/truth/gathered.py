"""asyncio: rounds of concurrent requests, then a summary that computes in the loop's thread."""

import asyncio

from _ledger import Ledger, compute

ROUNDS, CLIENTS, DELAY, SUMMARY = 14, 18, 0.22, 0.09


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    handlers.append(asyncio.current_task())
    while await reader.read(64):
        await asyncio.sleep(DELAY)
        writer.write(b"answer")
    writer.close()
    await writer.wait_closed()


async def request(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"question")
    await reader.read(64)


async def main() -> None:
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    connections = [await asyncio.open_connection("127.0.0.1", port) for _ in range(CLIENTS)]
    for _ in range(ROUNDS):
        with ledger.spend("wait_network"):
            await asyncio.gather(*(request(*connection) for connection in connections))
        with ledger.spend("cpu_python"):
            compute(SUMMARY)
    for _, writer in connections:
        writer.close()
        await writer.wait_closed()
    await asyncio.gather(*filter(None, handlers))
    server.close()


handlers: list[asyncio.Task[None] | None] = []
ledger = Ledger()
asyncio.run(main())
ledger.settle(["io", "mixed"], blocked_loop_s=ROUNDS * SUMMARY, tolerance=0.1)
