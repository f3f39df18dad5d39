# rules: IOB110
import requests


# case: what only an argument leads to, and the call does not give it
def decode(text=None, url=None):
    if text is not None and url is None:
        return text.strip()
    elif url is not None:
        return requests.get(url).text
    return ""


async def plain(text):
    return decode(text=text)  # expect: IOB110~


# case: it is given
async def fetched(url):
    return decode(url=url)  # expect: IOB110


# case: a flag
def load(name, fresh=False):
    if fresh:
        requests.get(f"https://names.test/{name}")
    return name


async def known(name):
    return load(name)  # expect: IOB110~


# case: a flag that is given
async def renewed(name):
    return load(name, True)  # expect: IOB110


# case: perhaps it is given
async def perhaps(name, **options):
    return load(name, **options)  # expect: IOB110


# case: a parameter that is set
def load_set(name, fresh=False):
    fresh = fresh or not name
    if fresh:
        requests.get(f"https://names.test/{name}")
    return name


async def settled(name):
    return load_set(name)  # expect: IOB110
