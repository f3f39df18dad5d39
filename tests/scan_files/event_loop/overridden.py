# rules: IOB1
import asyncio
from contextlib import contextmanager


class Files:
    def read(self, path):
        with open(path) as file:
            return file.read()

    @contextmanager
    def opened(self, path):
        with open(path) as file:
            yield file


class AsyncFiles(Files):
    async def read(self, path):
        return await asyncio.to_thread(Files.read, self, path)


class Manager(Files):
    def of(self, path):
        return self.read(path)


# case: two bases share one: the coroutine function of the second comes before what they share
class AsyncManager(Manager, AsyncFiles):
    async def both(self, path):
        return await self.read(path)


# case: it is awaited, so that a coroutine function runs where there is one
class Mixed:
    files: Files

    async def one(self, path):
        return await self.files.read(path)  # expect: IOB110~


# case: the plain one, called as such
class Plain(Files):
    async def one(self, path):
        return self.read(path)  # expect: IOB110~


# case: a context manager of the program
class Entered(Files):
    async def one(self, path):
        with self.opened(path) as file:  # expect: IOB110~
            return len(file.name)
