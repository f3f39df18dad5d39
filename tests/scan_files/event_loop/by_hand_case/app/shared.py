import shutil


# case: what such a module awaits
async def shared(path):
    shutil.rmtree(path)  # expect: IOB104
