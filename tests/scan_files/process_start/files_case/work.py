from multiprocessing import Pool


def one(item):
    return item


def pooled(items):
    with Pool() as pool:
        return pool.map(one, items)


def crunch(items):
    return pooled(items)


def plain(items):
    return [one(item) for item in items]
