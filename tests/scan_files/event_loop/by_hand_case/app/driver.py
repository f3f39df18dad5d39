# rules: IOB1
"""Runs coroutines by hand."""


class Wait:
    def __await__(self):
        yield


class Driver:
    def __init__(self):
        self.tasks = []

    def add(self, function, *arguments):
        self.tasks.append(function(*arguments).__await__())

    def run(self):
        for task in self.tasks:
            try:
                next(task)
            except StopIteration:
                self.tasks.remove(task)
