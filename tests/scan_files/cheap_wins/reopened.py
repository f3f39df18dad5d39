# rules: IOB701
from pathlib import Path


# case: a log that is opened for each line
def logs(lines):
    for line in lines:
        with open("run.log", "a") as log:  # expect: IOB701
            log.write(line)


# case: without `with`
def leaks(lines, path):
    for line in lines:
        open(path, "a").write(line)  # expect: IOB701


# case: a path object
def appends(lines):
    path = Path("run.log")
    for line in lines:
        with path.open("a") as log:  # expect: IOB701
            log.write(line)


# case: in binary
def binary(pieces, path):
    for piece in pieces:
        with open(path, mode="ab") as out:  # expect: IOB701
            out.write(piece)


# case: opened once
def once(lines):
    with open("run.log", "a") as log:
        for line in lines:
            log.write(line)


# case: another file for each
def each(names):
    for name in names:
        with open(f"{name}.log", "a") as log:
            log.write(name)


# case: only after a failure
def failures(items):
    for item in items:
        try:
            item.check()
        except ValueError:
            with open("failed.log", "a") as log:
                log.write(str(item))


# case: only now and then
def seldom(items):
    for number, item in enumerate(items):
        if number % 1000 == 0:
            with open("run.log", "a") as log:
                log.write(str(item))


# case: two lines
def two():
    for line in ("one", "two"):
        with open("run.log", "a") as log:
            log.write(line)


# case: once a minute
def minutes(items):
    import time

    for item in items:
        with open("run.log", "a") as log:
            log.write(str(item))
        time.sleep(60)


# case: something else that is called open
def shadowed(open, lines):
    for line in lines:
        open("run.log", "a").write(line)
