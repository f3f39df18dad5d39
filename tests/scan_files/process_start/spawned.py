# rules: IOB602, IOB605, IOB610
import sqlite3
import threading
from multiprocessing import get_context

import numpy as np

# case: nothing is forked where the file asks for spawn
CONTEXT = get_context("spawn")
DATABASE = sqlite3.connect("a.db")


def work(item):
    return DATABASE.execute("select ?", (item,)).fetchone(), np.random.rand()


def run(items):
    threading.Thread(target=print, daemon=True).start()
    with CONTEXT.Pool() as pool:
        return pool.map(work, items)
