# rules: IOB205
import requests


# case: whole files, from where a service says that they are
def chunks(session: requests.Session, numbers):
    for number in numbers:
        answer = session.get(f"https://rows.test/{number}")
        address = answer.json()["links"][0]["address"]
        part = requests.get(address, timeout=60)  # expect: IOB205
        yield part.content


# case: files of one host
def files(names):
    return [requests.get(f"https://files.test/{name}").content for name in names]  # expect: IOB205


# case: what a service lists, as data
def rows(session: requests.Session):
    found = []
    for address in session.get("https://rows.test").json():
        found.append(requests.get(address).json())  # expect: IOB205
    return found
