# rules: IOB201, IOB202, IOB203, IOB204, IOB211, IOB212
import requests


# case: what was made is taken away after a failure that goes on
def made(make, urls):
    try:
        make()
    except OSError:
        for url in urls:
            requests.delete(url)
        raise


# case: and the function waits besides
def made_and_told(make, urls, report):
    try:
        make()
    except OSError:
        for url in urls:  # expect: IOB201~
            requests.delete(url)
        raise
    requests.post(report)


# case: the same as the purpose of a function
def removed(urls):
    for url in urls:  # expect: IOB201
        requests.delete(url)


# case: an iteration asks only to say what is wrong
def checked(values, url):
    for value in values:
        if value < 0:
            text = requests.get(url, params={"value": value}).text
            raise ValueError(text)
        print(value)


# case: an iteration asks always
def asked(values, url):
    for value in values:  # expect: IOB201
        text = requests.get(url, params={"value": value}).text
        if value < 0:
            raise ValueError(text)
