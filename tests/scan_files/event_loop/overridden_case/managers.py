# rules: IOB1
from store import AsyncFiles, Files, Manager


# case: two bases share one: the coroutine function of the second comes before what they share
class AsyncManager(Manager, AsyncFiles):
    async def both(self, path):
        return await self.read(path)


# case: no base has a coroutine function
class PlainManager(Manager, Files):
    async def one(self, path):
        return self.read(path)  # expect: IOB110~
