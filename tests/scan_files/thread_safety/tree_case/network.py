import os

import requests


def load(url):
    return requests.get(url, timeout=10).text


# case: not run by any thread
def enter(folder):
    os.chdir(folder)
