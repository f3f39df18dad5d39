# rules: IOB710
import numpy as np
import pandas as pd


# case: a table that grows
def tables(paths):
    whole = pd.DataFrame()
    for path in paths:
        whole = pd.concat([whole, pd.read_csv(path)])  # expect: IOB710
    return whole


# case: an array that grows
def array(values):
    found = np.array([])
    for value in values:
        found = np.append(found, value)  # expect: IOB710
    return found


# case: stacked
def stacked(rows, width):
    grid = np.empty((0, width))
    for row in rows:
        grid = np.vstack((grid, row))  # expect: IOB710
    return grid


# case: an attribute
class Log:
    def __init__(self):
        self.rows = pd.DataFrame()

    def fill(self, parts):
        for part in parts:
            self.rows = pd.concat([self.rows, part], ignore_index=True)  # expect: IOB710


# case: while there is more
def drained(source):
    whole = pd.DataFrame()
    while source:
        whole = pd.concat([whole, source.pop()])  # expect: IOB710
    return whole


# case: collected, then glued once
def once(paths):
    return pd.concat([pd.read_csv(path) for path in paths])


# case: each by itself
def each(pairs):
    found = []
    for left, right in pairs:
        both = pd.concat([left, right])
        found.append(both)
    return found


# case: not itself
def last(parts, other):
    joined = None
    for part in parts:
        joined = np.concatenate([other, part])
    return joined


# case: two parts
def two(head, tail):
    whole = np.array([])
    for part in (head, tail):
        whole = np.append(whole, part)
    return whole


# case: a list grows in place
def in_place(values):
    found = []
    for value in values:
        found.append(value)
    return found


# case: started anew in each iteration
def anew(groups):
    for group in groups:
        whole = group.start
        whole = pd.concat([whole, group.rest])
        print(whole)
