# rules: IOB702
import io
from pathlib import Path


# case: all lines first
def lines(path):
    with open(path) as source:
        for line in source.readlines():  # expect: IOB702
            print(line)


# case: all lines in a comprehension
def stripped(path):
    with open(path) as source:
        return [line.strip() for line in source.readlines()]  # expect: IOB702


# case: opened in the loop's head
def directly(path):
    for line in open(path).readlines():  # expect: IOB702
        print(line)


# case: read, then split
def split(path):
    with open(path) as source:
        for line in source.read().split("\n"):  # expect: IOB702
            print(line)


# case: read, then split into lines
def split_lines(path):
    with open(path) as source:
        for line in source.read().splitlines():  # expect: IOB702
            print(line)


# case: through a path
def of_path(path: Path):
    with path.open() as source:
        for line in source.readlines():  # expect: IOB702
            print(line)


# case: the file itself
def iterates(path):
    with open(path) as source:
        for line in source:
            print(line)


# case: all lines are needed at once
def backwards(path):
    with open(path) as source:
        return list(reversed(source.readlines()))


# case: sorted, which needs all of them
def in_order(path):
    with open(path) as source:
        for line in sorted(source.readlines()):
            print(line)


# case: a limited part
def head(path):
    with open(path) as source:
        for line in source.readlines(1000):
            print(line)


# case: in memory already
def memory(text):
    for line in io.StringIO(text).readlines():
        print(line)


# case: words, not lines
def words(path):
    with open(path) as source:
        for word in source.read().split():
            print(word)


# case: all lines are read before they are counted
def numbered(path):
    with open(path) as file:
        for number, line in enumerate(file.readlines(), 1):  # expect: IOB702
            print(number, line)


# case: counted as they come
def numbered_well(path):
    with open(path) as file:
        for number, line in enumerate(file, 1):
            print(number, line)


# case: a pipe of a child
def processes():
    import os

    with os.popen("ps") as pipe:
        return [line for line in pipe.readlines() if line]


# case: the lines are what is wanted
def kept(path):
    with open(path) as source:
        return [line for line in source.read().split("\n") if line]


# case: a part of each line is
def keys(path):
    with open(path) as source:
        return [line.split("=")[0] for line in source.read().split("\n") if line]  # expect: IOB702
