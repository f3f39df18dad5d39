# rules: IOB201, IOB202, IOB203, IOB204, IOB205, IOB212, IOB208, IOB207
import time
import warnings

import httpx
import requests


# case: asks so many times at most until one thing is ready
def wait_for(url, most):
    for _ in range(0, most, 5):
        answer = requests.get(url)
        status = answer.json().get("status")
        if status == "completed":
            return
        elif status == "error":
            raise ValueError(url)
        time.sleep(5)


# case: attempts within a `with`
def is_there(url):
    try:
        for _ in range(5):
            with warnings.catch_warnings():
                answer = httpx.head(url, timeout=3)
            if answer.status_code in (200, 401):
                return True
            time.sleep(0.5)
    except httpx.ConnectError:
        return False
    return False


# case: sleeps first
def finished(session: requests.Session, url):
    for _ in range(10):
        time.sleep(1)
        answer = session.get(url)
        if answer.json()["status"] == "finished":
            return answer
    raise TimeoutError(url)


# case: waits for each of several that get ready by themselves
def all_ready(ports):
    for port in ports:
        for _ in range(50):
            try:
                answer = httpx.get(f"http://127.0.0.1:{port}/health", timeout=1)
                if answer.status_code == 200:
                    break
            except Exception:
                time.sleep(0.1)


# case: attempts whose answer is what is wanted
def fetched(urls):
    found = []
    for url in urls:  # expect: IOB212
        for _ in range(5):
            answer = httpx.get(url, timeout=1)  # expect: IOB205
            if answer.status_code == 200:
                break
            time.sleep(0.1)
        found.append(answer.text)
    return found


# case: alternatives, of which the first that answers is enough
def first_of(urls, request):
    for url in urls:
        try:
            answer = requests.post(url, json=request)
            if answer.status_code == 200:
                return answer.json()
            elif answer.status_code != 403:
                answer.raise_for_status()
        except requests.RequestException:
            continue
    raise ValueError("nobody answers")


# case: what each answers is kept
def of_all(urls, request):
    found = []
    for url in urls:  # expect: IOB201
        try:
            answer = requests.post(url, json=request)  # expect: IOB205
            if answer.status_code == 200:
                found.append(answer.json())
        except requests.RequestException:
            continue
    return found


# case: pages, each by the token of the one before
def pages(url):
    found, token = [], None
    for _ in range(100):
        answer = requests.get(url, params={"token": token}).json()  # expect: IOB205
        found.extend(answer["items"])
        token = answer["next"]
        if token is None:
            break
    return found


# case: numbered pages
def numbered(url):
    found = []
    for number in range(100):  # expect: IOB212
        answer = requests.get(url, params={"page": number}).json()  # expect: IOB205
        if not answer:
            break
        found.extend(answer)
    return found


# case: a search that ends with what fits
def search(urls, word):
    for url in urls:  # expect: IOB212
        if word in requests.get(url).text:  # expect: IOB205
            return url
    return None


def ready(session, url):
    for _ in range(60):
        if session.get(url).ok:
            return True
        time.sleep(1)
    return False


# case: a function that asks so many times
def ready_ones(session: requests.Session, urls):
    return [ready(session, url) for url in urls]
