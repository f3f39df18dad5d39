# rules: IOB216
import requests

SESSION = requests.Session()


# case: two requests that do not need one another
def both(one, other):
    left = SESSION.get(one, timeout=5)  # expect: IOB216
    right = SESSION.get(other, timeout=5)
    return left, right


# case: three
def three(base):
    users = SESSION.get(f"{base}/users", timeout=5).json()  # expect: IOB216
    groups = SESSION.get(f"{base}/groups", timeout=5).json()
    rights = SESSION.get(f"{base}/rights", timeout=5).json()
    return users, groups, rights


# case: the second needs the first
def chained(url):
    first = SESSION.get(url, timeout=5).json()
    second = SESSION.get(first["next"], timeout=5)
    return second


# case: one of two
def either(one, other, flag):
    if flag:
        found = SESSION.get(one, timeout=5)
    else:
        found = SESSION.get(other, timeout=5)
    return found


# case: checked in between
def checked(one, other):
    first = SESSION.get(one, timeout=5)
    first.raise_for_status()
    second = SESSION.get(other, timeout=5)
    return second


# case: changes something first
def changes(url):
    made = SESSION.post(url, timeout=5)
    found = SESSION.get(url, timeout=5)
    return made, found
