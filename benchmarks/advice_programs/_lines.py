"""Servers of line protocols in a process of their own: one that answers a line and hangs up, and one for mail."""

import asyncio
import contextlib
import subprocess
import sys

DELAY_S = 0.05


def answering():
    """Run the server that answers one line while the block runs; gives its port."""
    return _serving("answer")


def mailing():
    """Run a mail server while the block runs; gives its port."""
    return _serving("mail")


@contextlib.contextmanager
def _serving(kind):
    command = [sys.executable, __file__, kind]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        yield int(server.stdout.readline())
        server.stdin.close()


async def _answer(reader, writer):
    with contextlib.suppress(ConnectionError):
        line = await reader.readline()
        await asyncio.sleep(DELAY_S)
        writer.write(b"domain: " + line + b"status: active\r\n" * 40)
        await writer.drain()
    writer.close()


async def _mail(reader, writer):
    async def say(text):
        writer.write(text + b"\r\n")
        await writer.drain()

    with contextlib.suppress(ConnectionError):
        await say(b"220 ready")
        while line := await reader.readline():
            word = line[:4].upper()
            if word == b"DATA":
                await say(b"354 go on")
                while (await reader.readline()).strip() != b".":
                    pass
                await asyncio.sleep(DELAY_S)
            await say(b"221 bye" if word == b"QUIT" else b"250 ok")
            if word == b"QUIT":
                break
    writer.close()


async def _serve(handler):
    server = await asyncio.start_server(handler, "127.0.0.1", 0, backlog=256)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(_serve({"answer": _answer, "mail": _mail}[sys.argv[1]]))
