# rules: IOB2
import random
import threading
import time

import requests

SESSION = requests.Session()


# case: polls until it is done
def until_done(job):
    while not job.done():  # expect: IOB207
        time.sleep(1)


# case: polls a service
def until_ready(url):
    while True:  # expect: IOB207~
        if SESSION.get(url, timeout=5).ok:
            return
        time.sleep(2)


# case: with a deadline
def until_deadline(path, deadline):
    while time.monotonic() < deadline:  # expect: IOB207~
        if path.exists():
            return True
        time.sleep(0.1)
    return False


# case: a throttle between requests
def gently(urls):
    out = []
    for url in urls:  # expect: IOB208
        out.append(SESSION.get(url, timeout=5).text)
        time.sleep(0.2)
    return out


# case: a throttle in a helper
def slow_get(url):
    time.sleep(random.random())
    return SESSION.get(url, timeout=5)


def politely(urls):
    for url in urls:  # expect: IOB208
        slow_get(url)


# case: pages by token
def by_token(url):
    token, items = "", []
    while token is not None:  # expect: IOB209
        page = SESSION.get(url, params={"token": token}, timeout=5).json()
        items.extend(page["items"])
        token = page.get("next")
    return items


# case: pages by link
def by_link(url):
    items = []
    while url:  # expect: IOB209
        reply = SESSION.get(url, timeout=5)
        items.extend(reply.json())
        url = reply.links.get("next", {}).get("url")
    return items


# case: pages by number until one is empty
def by_number(url):
    page, items = 1, []
    while True:  # expect: IOB209~
        found = SESSION.get(url, params={"page": page}, timeout=5).json()
        if not found:
            return items
        items.extend(found)
        page += 1


# case: pages of each of many repositories
def all_pages(repositories):
    items = []
    for repository in repositories:  # expect: IOB201
        items.extend(by_link(repository))
    return items


# case: a service that does something every minute
def every_minute(url):
    while True:
        SESSION.get(url, timeout=5)
        time.sleep(60)


# case: waits longer after each failure
def backs_off(url):
    for attempt in range(6):
        try:
            return SESSION.get(url, timeout=5)
        except requests.ConnectionError:
            time.sleep(2**attempt)
    return None


# case: waits for an event
def waits(event: threading.Event):
    while not event.is_set():
        event.wait(1)


# case: a worker that drains a queue
def drains(queue):
    while True:
        url = queue.get()
        if url is None:
            break
        SESSION.get(url, timeout=5)


# case: an animation
def spins(frames):
    for frame in frames:
        print(frame)
        time.sleep(0.05)


# case: a service is polled: nobody can tell it to say when
def until_up(url, deadline):
    while time.monotonic() < deadline:  # expect: IOB207~
        if SESSION.get(url, timeout=5).ok:
            return True
        time.sleep(1)
    return False


# case: threads could be joined
def until_over(threads):
    while any(thread.is_alive() for thread in threads):  # expect: IOB207
        time.sleep(1)


# case: a job is asked about until it ends, which turns no page
def until_ended(url):
    task = SESSION.get(url, timeout=5).json()
    while not task["ended"]:  # expect: IOB209~
        task = SESSION.get(url, params={"id": task["id"]}, timeout=5).json()
        time.sleep(2)
    return task


# case: pages by link are sure
def by_next(url):
    while url:  # expect: IOB209
        url = SESSION.get(url, timeout=5).json().get("next")


# case: reads one answer to its end
def to_end(reply, out):
    data = reply.recv(4096)
    while data:
        out.write(data)
        data = reply.recv(len(data))


# case: retries as of tenacity
def retried(attempts, url):
    for attempt in attempts:
        with attempt:
            SESSION.post(url, timeout=5)
            SESSION.post(url, timeout=5)


# case: each item is a context manager of its own, which is no retry
def entered(connections, url):
    for connection in connections:  # expect: IOB201
        with connection:
            requests.post(url, data=connection.name, timeout=5)  # expect: IOB205


# case: redirects in the text: the answers before the last one are no pages
def last_of_redirects(url):
    while True:  # expect: IOB209~
        reply = SESSION.get(url, timeout=5)
        if "redirected" not in reply.text:
            return reply
        url = reply.text.split('"')[1]


# case: pages by link, all of them kept
def all_of_links(url):
    items = []
    while True:  # expect: IOB209
        reply = SESSION.get(url, timeout=5).json()
        items += reply["items"]
        url = reply["next"]
        if not url:
            return items
