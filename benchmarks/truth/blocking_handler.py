"""asyncio with a handler that sleeps in the loop's thread, beside requests that are awaited."""

import asyncio
import time

from _ledger import Ledger

ROUNDS, DELAY, BLOCKING = 16, 0.15, 0.12


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while await reader.read(64):
        await asyncio.sleep(DELAY)
        writer.write(b"answer")
    writer.close()


async def main() -> None:
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection("127.0.0.1", server.sockets[0].getsockname()[1])
    for _ in range(ROUNDS):
        with ledger.spend("wait_network"):
            writer.write(b"question")
            await reader.read(64)
        with ledger.spend("wait_sleep"):
            time.sleep(BLOCKING)
    writer.close()
    server.close()


ledger = Ledger()
asyncio.run(main())
ledger.settle(["io", "mixed", "sleep"], blocked_loop_s=ROUNDS * BLOCKING)
