# rules: IOB1
import time
from pathlib import Path

import cyclopts
import discord
from discord.ext import commands

app: cyclopts.App = cyclopts.App()
bot = commands.Bot(command_prefix="!", intents=discord.Intents.default())


# case: a bot answers others meanwhile
@bot.command()
async def answer(context, name: str):
    text = Path(name).read_text()  # expect: IOB104
    await context.send(await said(text, Path(name)))


# case: what both a bot and a command of a command line call
async def said(text, path: Path):
    path.write_text(text)  # expect: IOB104
    return text


# case: a command of a command line, beside which nothing runs
@app.command
async def say(name: str):
    time.sleep(1)  # expect: IOB101~
    await said("done", Path(name))
