# rules: IOB1
"""Classes that start a server, and others."""

import asyncio

import websockets


def load(path):
    with open(path) as file:
        return file.read()


# case: a class that starts a server
class Server:
    async def run(self):
        async with websockets.serve(self.answer, port=80):
            await asyncio.Future()

    async def answer(self, socket):
        await socket.send(load("greeting"))  # expect: IOB110

    async def note(self, path):
        return load(path)  # expect: IOB110


# case: a class that does not
class Store:
    async def note(self, path):
        return load(path)  # expect: IOB110~


# case: what is called when a client connects
class Greeter:
    async def connected(self, reader, writer):
        writer.write(load("greeting").encode())  # expect: IOB110

    async def other(self):
        return load("greeting")  # expect: IOB110~

    def begins(self, pool):
        pool.add(self.connected, 80)
