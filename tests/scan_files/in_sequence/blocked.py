# rules: IOB2
import requests

SESSION = requests.Session()


# case: stops at the first that fits
def first_good(urls):
    for url in urls:  # expect: IOB212
        if SESSION.get(url, timeout=5).ok:
            break
    else:
        url = None
    return url


# case: gives back the first that fits
def search(urls, word):
    for url in urls:  # expect: IOB212
        text = SESSION.get(url, timeout=5).text
        if word in text:
            return url
    return None


# case: goes on from the answer before
def walk(steps, state):
    for step in steps:  # expect: IOB212
        state = SESSION.post(step, json=state, timeout=5).json()
    return state


# case: adds to what it runs over
def crawl(queue):
    for url in queue:  # expect: IOB212
        queue.extend(SESSION.get(url, timeout=5).json()["links"])


# case: an attribute goes on from one to the next
class Login:
    def __init__(self):
        self.token = ""

    def steps(self, urls):
        for url in urls:  # expect: IOB212
            self.token = SESSION.post(url, data=self.token, timeout=5).text


# case: asks the person in between
def asks(urls):
    for url in urls:  # expect: IOB212
        if input(f"{url}? ") == "y":
            SESSION.get(url, timeout=5)


# case: stops by the item alone, which can be cut first
def until_blank(urls):
    out = []
    for url in urls:  # expect: IOB201
        if not url:
            break
        out.append(SESSION.get(url, timeout=5).text)
    return out


# case: a loop that serves for ever
def serve(connection):
    while True:
        request = connection.recv(4096)
        SESSION.post("https://log.example/", data=request, timeout=5)


# case: stops early and waits for nothing
def find(names, word):
    for name in names:
        if word in name:
            return name
    return None


# case: a search is left at the first that fits: information for those who ask
def first_that_answers(hosts):
    for host in hosts:  # expect: IOB212
        if SESSION.get(host, timeout=5).ok:
            return host
    return None


# case: what goes on from the answer before is told to everybody
def chained(steps, state):
    for step in steps:  # expect: IOB212
        state = SESSION.post(step, json=state, timeout=5).json()
    return state
# case: stops at the first that can be reached
def reachable(hosts, kind):
    for host in hosts:  # expect: IOB212
        if host.kind == kind:
            try:
                answer = SESSION.get(host.url, timeout=5)
            except OSError as error:
                print(error)
            else:
                break
    return answer


# case: stops at an item, unless that failed
def until_last(urls, last):
    for url in urls:  # expect: IOB212
        try:
            SESSION.get(url, timeout=5)
            if url == last:
                break
        except OSError:
            print(url)


# case: an answer decides whether the item is looked at
def until_found(urls, last):
    for url in urls:  # expect: IOB212
        if SESSION.get(url, timeout=5).status_code == 404:
            continue
        if url == last:
            break


# case: stops at an item, whatever came of it
def up_to(urls, last):
    for url in urls:  # expect: IOB201
        if not url:
            continue
        try:
            SESSION.get(url, timeout=5)
        except OSError:
            pass
        if url == last:
            break


# case: a search that asks through a function of its own
def is_up(url):
    return requests.get(url).ok


def first_that_is_up(urls):
    for url in urls:  # expect: IOB212~
        if is_up(url):
            return url
    return None
