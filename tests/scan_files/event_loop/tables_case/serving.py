# rules: IOB104, IOB110
from . import kinds


# case: the type of a table stands in another file; without a path it gives a text
async def answer():
    return kinds.made().to_json(orient="records")


# case: with a path
async def keep(path):
    return kinds.made().to_json(path, orient="records")  # expect: IOB104


# case: a method of the program with the same name
async def report():
    return kinds.Report().to_json()  # expect: IOB110~
