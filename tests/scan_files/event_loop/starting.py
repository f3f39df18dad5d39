# rules: IOB1
import asyncio
import time
from pathlib import Path

SETTINGS = Path("settings.toml").read_text()


# case: before the loop runs
def main():
    time.sleep(1)
    data = Path("data").read_text()
    asyncio.run(serve(data))


# case: before the first await of what the loop is started with
async def serve(data):
    names = Path("names").read_text()  # expect: IOB104~
    await asyncio.sleep(1)
    # case: after it
    Path("names").write_text(names)  # expect: IOB104~


# case: in a coroutine that anybody may start
async def anybody():
    names = Path("names").read_text()  # expect: IOB104~
    await asyncio.sleep(1)
    return names


async def anybody_elses(path):
    names = Path(path).read_text()  # expect: IOB104
    await asyncio.sleep(1)
    return names


# case: a long sleep is told even there
async def slow_start():
    time.sleep(1)  # expect: IOB101
    await asyncio.sleep(1)


if __name__ == "__main__":
    asyncio.run(slow_start())


# case: through a helper, before the first await
def names():
    return Path("names").read_text()


async def served():
    found = names()  # expect: IOB110~
    await asyncio.sleep(1)
    return found, names()  # expect: IOB110~


def run():
    asyncio.run(served())
