from . import Client, load


# case: a function of another module, through a re-export
def gather(urls):
    found = []
    for url in urls:  # expect: IOB201
        found.append(load(url))
    return found


# case: a method of an object that is made here
def by_number(numbers):
    client = Client("https://api.example")
    for number in numbers:  # expect: IOB201
        client.item(number)


# case: an object that is only described
def by_annotation(client: Client, numbers):
    total = 0
    for number in numbers:  # expect: IOB203
        total += client.item(number)["price"]
    return total


# case: another function of the same name
def other(urls):
    def load(url):
        return url.upper()

    return [load(url) for url in urls]


# case: hands functions of another module to threads
def start(groups):
    import threading
    from concurrent.futures import ThreadPoolExecutor

    from .net import handed, in_threads

    threading.Thread(target=handed, args=(groups[0],)).start()
    with ThreadPoolExecutor() as pool:
        return list(pool.map(in_threads, groups))
