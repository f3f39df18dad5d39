# rules: IOB1
import time
from pathlib import Path

import cyclopts
import httpx
from rich.prompt import Prompt

app: cyclopts.App = cyclopts.App()


def ask(question):
    return Prompt.ask(question)


# case: the command of a command line: nothing else runs
@app.command(name="show")
async def show(name: str):
    text = Path(name).read_text()  # expect: IOB104~
    time.sleep(1)  # expect: IOB101~
    return ask("More?"), await shown(text)  # expect: IOB110~


# case: what only such commands call
async def shown(text):
    Path("out").write_text(text)  # expect: IOB104~


# case: requests of a command could still be made at once
@app.command
async def fetch(urls: list[str]):
    async with httpx.AsyncClient() as client:
        for url in urls:  # expect: IOB114
            await client.get(url)


# case: a person is asked by a helper
async def dialogue():
    return ask("Name?")  # expect: IOB110~


# case: a person is asked here
async def asked():
    return input("Name? ")  # expect: IOB109~


# case: a new folder, and a file that goes away, take no time to speak of
async def tidies(folder: Path):
    folder.mkdir()  # expect: IOB104~
    (folder / "old").unlink()  # expect: IOB104~


# case: a dialogue: it asks a person, and writes down the answer
async def enrols(folder: Path):
    name = ask("Name?")  # expect: IOB110~
    (folder / "name").write_text(name)  # expect: IOB104~


# case: a person is asked in passing, by no helper
async def enrols_at_once(folder: Path):
    name = input("Name? ")  # expect: IOB109~
    (folder / "name").write_text(name)  # expect: IOB104~
