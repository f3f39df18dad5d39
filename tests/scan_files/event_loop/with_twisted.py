# rules: IOB1
import requests
from twisted.internet import defer
from twisted.internet.threads import deferToThread


def load(path):
    with open(path) as file:
        return file.read()


# case: of a coroutine that Deferreds drive
async def page(url):
    return requests.get(url)  # expect: IOB102


# case: through a helper
async def text(path):
    return load(path)  # expect: IOB110~


# case: handed over
async def handed(path):
    return await deferToThread(load, path)


# case: one after the other
async def pages(agent, urls):
    return [await defer.maybeDeferred(agent.request, url) for url in urls]  # expect: IOB114~
