# rules: IOB201, IOB202, IOB203, IOB204, IOB205, IOB208, IOB211, IOB212
import logging
import subprocess
import time

import requests

logger = logging.getLogger(__name__)


# case: what the helper is given it only says, and in this order
def decode(address):
    text = subprocess.check_output(["addr2line", address]).decode()
    if "??" in text:
        return
    text = text.strip()
    logger.warning("Decoded %s", text)


def trace(addresses):
    for address in addresses:  # expect: IOB211~
        decode(address)


# case: the helper gives it back
def decoded(address):
    text = subprocess.check_output(["addr2line", address]).decode()
    logger.debug("Decoded %s", text)
    return text


def traced(addresses):
    return [decoded(address) for address in addresses]  # expect: IOB211


# case: the helper says what it does, not what it is given
def fetch(url, path):
    logger.info("fetching %s", url)
    data = requests.get(url).content
    path.write_bytes(data)


def fetch_all(urls):
    for url, path in urls:  # expect: IOB201
        fetch(url, path)


# case: the same with the text of an answer
def show(url):
    text = requests.get(url).text
    print(text)


def show_all(urls):
    for url in urls:  # expect: IOB204~
        show(url)


# case: each child prints between two headings
def build_all(names):
    for name in names:  # expect: IOB211~
        print(f"== {name}")
        code = subprocess.run(["make", name]).returncode
        print(f"== {name}: {code}")


# case: each child is listened to
def build_quietly(names):
    for name in names:  # expect: IOB211
        print(f"== {name}")
        code = subprocess.run(["make", name], capture_output=True).returncode
        print(f"== {name}: {code}")


# case: jobs run elsewhere at the same time, and are waited for one after another
def wait_for(job):
    deadline = time.monotonic() + 600
    while time.monotonic() < deadline:
        state = requests.get(f"https://jobs.test/{job}").json()
        if state["done"]:
            return state
        time.sleep(5)
    return None


def wait_for_all(jobs):
    return [wait_for(job) for job in jobs]


# case: each job is started as well
def run(job):
    requests.post(f"https://jobs.test/{job}")
    while True:
        state = requests.get(f"https://jobs.test/{job}").json()
        if state["done"]:
            return state
        time.sleep(5)


def run_all(jobs):
    return [run(job) for job in jobs]  # expect: IOB202


# case: the next address is tried where one does not answer
def send(addresses, data):
    for address in addresses:
        try:
            response = requests.post(f"http://{address}/update", data=data)
        except requests.RequestException:
            continue
        if response.status_code != 200:
            raise RuntimeError(address)
        return address
    return None


# case: all of them are sent to
def send_all(addresses, data):
    sent = []
    for address in addresses:  # expect: IOB201
        try:
            response = requests.post(f"http://{address}/update", data=data)  # expect: IOB205
        except requests.RequestException:
            continue
        if response.status_code != 200:
            raise RuntimeError(address)
        sent.append(address)
    return sent


# case: it sleeps when it is done, not before the next one
def settle(addresses, session: requests.Session):
    for address in addresses:
        if not session.get(address).ok:
            continue
        time.sleep(1)
        return address
    return None


# case: it sleeps before the next one
def settle_all(addresses, session: requests.Session):
    for address in addresses:  # expect: IOB208
        session.get(address)
        time.sleep(1)


# case: more than a number of them are refused
def resolve(terms, session: requests.Session):
    lookups = 0
    for term in terms:
        if lookups > 10:
            raise ValueError(term)
        lookups += len(session.get(term).json())
        lookups += 1
    return lookups


# case: the number decides what is asked for
def numbered(terms, session: requests.Session):
    token = 0
    for term in terms:  # expect: IOB212
        token = session.get(term, params={"after": token}).json()
    return token


# case: what comes before the one that failed is done
def ship(chunks, session: requests.Session, queue):
    for number, chunk in enumerate(chunks):  # expect: IOB203~
        response = session.post("https://logs.test", data=chunk)
        if not response.ok:
            del queue[: sum(map(len, chunks[:number]))]
