# rules: IOB901, IOB903
import sqlite3


# case: an untyped parameter that looks like a database
def untyped(db, query):
    return db.execute(query)  # expect: IOB901


# case: an untyped attribute
class Store:
    def __init__(self, conn):
        self.conn = conn

    def save(self):
        self.conn.commit()  # expect: IOB901


# case: an untyped socket
def receive(sock):
    return sock.recv(1024)  # expect: IOB901


# case: a typed parameter
def typed(db: sqlite3.Connection, query):
    return db.execute(query)


# case: a connection that is made here
def made(query):
    db = sqlite3.connect("a.db")
    return db.execute(query)


# case: a name that says nothing of databases
def task(command):
    return command.execute()


# case: a method that says nothing of databases
def closing(db):
    db.close()


# case: awaited
async def awaited(db, query):
    return await db.execute(query)


# case: a function that is chosen by name
def chosen(module, name):
    function = getattr(module, name)
    return function()  # expect: IOB903


# case: chosen and called at once
def at_once(module, name):
    return getattr(module, f"visit_{name}")(1)  # expect: IOB903


# case: from the names of the module
def from_globals(name):
    return globals()[name]()  # expect: IOB903


# case: an attribute that is written out
def fixed(module):
    return getattr(module, "run", print)()


# case: a value that is not called
def value(module, name):
    return getattr(module, name)


# case: a dict of functions
def listed(name):
    return {"print": print}[name]()


# case: one of several values
def several(module, name):
    function = getattr(module, name)
    if function is None:
        function = print
    return function()
