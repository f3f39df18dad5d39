# rules: IOB703


# case: small writes
def small(items, path):
    with open(path, "wb", buffering=0) as out:
        for item in items:
            out.write(item)  # expect: IOB703


# case: by position
def by_position(items, path):
    out = open(path, "wb", 0)
    for item in items:
        out.write(item.encode() + b"\n")  # expect: IOB703
    out.close()


# case: with a buffer
def buffered(items, path):
    with open(path, "wb") as out:
        for item in items:
            out.write(item)


# case: line by line for a person who looks on
def lines(items, path):
    with open(path, "w", buffering=1) as out:
        for item in items:
            out.write(item)


# case: written once
def once(item, path):
    with open(path, "wb", buffering=0) as out:
        out.write(item)


# case: large blocks
def blocks(source, path):
    with open(path, "wb", buffering=0) as out:
        for block in source:
            out.write(block)


# case: two pieces
def two(head, body, path):
    with open(path, "wb", buffering=0) as out:
        for part in (head, body):
            out.write(part)


# case: another file
def other(items, path, log):
    with open(path, "wb", buffering=0) as out:
        out.write(b"begin")
        for item in items:
            log.write(item)
