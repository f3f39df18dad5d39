# rules: IOB205
import httpx
import requests


# case: a connection for each request
def plain(urls):
    for url in urls:
        requests.get(url, timeout=5)  # expect: IOB205


# case: any host may have what an item has
def images(items):
    for item in items:
        requests.get(item.image.url, timeout=5)  # expect: IOB205~


# case: addresses below one
def pictures(items):
    for item in items:
        requests.get(f"https://pictures.example/{item.number}", timeout=5)  # expect: IOB205


# case: under another name
from requests import post as send


def renamed(records):
    for record in records:
        send("https://api.example/", json=record)  # expect: IOB205


# case: the other library
def other(urls):
    return [httpx.get(url) for url in urls]  # expect: IOB205


# case: pages
def pages(url):
    while url:
        url = requests.get(url, timeout=5).json()["next"]  # expect: IOB205


# case: a session
def session(urls):
    with requests.Session() as client:
        for url in urls:
            client.get(url)


# case: a client
def client(urls):
    with httpx.Client() as client:
        return [client.get(url) for url in urls]


# case: no loop
def once(url):
    return requests.get(url, timeout=5)


# case: attempts
def attempts(url):
    for _ in range(3):
        try:
            return requests.get(url, timeout=5)
        except requests.ConnectionError:
            pass
    return None


# case: polls now and then
def polls(url):
    import time

    while not requests.get(url, timeout=5).ok:
        time.sleep(30)
