def fetch(item):
    return item
