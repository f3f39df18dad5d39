# rules: IOB1
import subprocess

import anyio
from anyio import to_thread


# case: a child under anyio
async def runs(command):
    subprocess.run(command)  # expect: IOB105


# case: anyio's own
async def cooperative(command):
    await anyio.run_process(command)


# case: handed over to a thread of anyio
async def handed_over(command):
    await to_thread.run_sync(subprocess.run, command)


# case: a path of anyio
async def reads(path):
    return await anyio.Path(path).read_text()
