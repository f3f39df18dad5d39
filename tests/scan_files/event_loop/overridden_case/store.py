import asyncio


class Files:
    def read(self, path):
        with open(path) as file:
            return file.read()


class AsyncFiles(Files):
    async def read(self, path):
        return await asyncio.to_thread(Files.read, self, path)


class Manager(Files):
    def of(self, path):
        return self.read(path)
