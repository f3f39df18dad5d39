# rules: IOB706
import os
from os.path import isdir, join


# case: files of a folder
def files(folder):
    found = []
    for name in os.listdir(folder):
        if os.path.isfile(os.path.join(folder, name)):  # expect: IOB706
            found.append(name)
    return found


# case: in a comprehension
def folders(folder):
    return [name for name in os.listdir(folder) if isdir(join(folder, name))]  # expect: IOB706


# case: the path has a name
def named(folder):
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        if os.path.isdir(path):  # expect: IOB706
            print(path)


# case: sizes
def sizes(folder):
    return {name: os.path.getsize(os.path.join(folder, name)) for name in os.listdir(folder)}  # expect: IOB706


# case: entries that know
def entries(folder):
    return [entry.name for entry in os.scandir(folder) if entry.is_file()]


# case: names only
def names(folder):
    return [name for name in os.listdir(folder) if name.endswith(".txt")]


# case: another file is asked for
def packages(folder):
    found = []
    for name in os.listdir(folder):
        if os.path.isfile(os.path.join(folder, name, "__init__.py")):
            found.append(name)
    return found


# case: names that came from elsewhere
def given(names, folder):
    return [name for name in names if os.path.isfile(os.path.join(folder, name))]


# case: one question
def one(folder):
    return os.path.isdir(folder) and os.listdir(folder)


# case: their sizes are asked for as well
def size(folder):
    return sum(
        os.path.getsize(os.path.join(folder, name))
        for name in os.listdir(folder)
        if os.path.isfile(os.path.join(folder, name))
    )


# case: once, when the module is imported
def modules(folder):
    return [name for name in os.listdir(folder) if os.path.isdir(os.path.join(folder, name))]


MODULES = modules(os.path.dirname(__file__))


# case: then, and later
def others(folder):
    return [name for name in os.listdir(folder) if os.path.isdir(os.path.join(folder, name))]  # expect: IOB706


OTHERS = others(os.path.dirname(__file__))


def again(folder):
    return others(folder)


# case: another folder than the one that is listed
def is_installed(folder, target):
    for name in os.listdir(folder):
        if os.path.isdir(os.path.join(target, name)):
            print(name)
