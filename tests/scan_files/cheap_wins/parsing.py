# rules: IOB708
import json


# case: a file with a document in each line
def documents(path):
    found = []
    with open(path) as source:
        for line in source:
            found.append(json.loads(line))  # expect: IOB708
    return found


# case: in a comprehension
def names(path):
    with open(path) as source:
        return [json.loads(line)["name"] for line in source]  # expect: IOB708


# case: one document
def document(path):
    with open(path) as source:
        return json.load(source)


# case: texts that are in memory
def texts(lines):
    return [json.loads(line) for line in lines]


# case: not the line
def settings(path, text):
    with open(path) as source:
        return [(line, json.loads(text)) for line in source]


# case: words
def words(path):
    with open(path) as source:
        return [line.split() for line in source]
