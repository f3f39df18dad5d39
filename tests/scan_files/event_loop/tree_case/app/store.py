# rules: IOB1
import sqlite3


class Store:
    def __init__(self, path):
        self.db = sqlite3.connect(path)

    def rows(self):
        for row in self.db.execute("select 1"):
            yield row


store = Store("data.db")
