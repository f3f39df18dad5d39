import shutil

from .driver import Wait


# case: nothing shows that an event loop runs it
async def to_code(path):
    await Wait()
    shutil.rmtree(path)  # expect: IOB104~
