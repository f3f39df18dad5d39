# rules: IOB905
# case: nothing calls it
def read_all(path):  # expect: IOB905
    with open(path) as lines:
        return lines.read()


# case: another module imports it
def read_some(path):
    with open(path) as lines:
        return lines.read(10)


# case: the module calls it
def read_one(path):
    with open(path) as lines:
        return lines.read(1)


# case: it is handed on by name
def read_two(path):
    with open(path) as lines:
        return lines.read(2)


HANDLERS = {"one": read_one("a"), "two": read_two}


# case: a decorator may keep it
@HANDLERS.get
def decorated(path):
    with open(path) as lines:
        return lines.read(3)


# case: it waits for nothing
def adds(one, other):
    return max(one, other)


# case: the main function
def main():
    with open("a") as lines:
        return lines.read(4)


# case: a runner of tests finds it
def test_reading():
    with open("a") as lines:
        assert lines.read(5)
