"""API calls with a requests session in a list comprehension."""

import requests
from _server import serving
from _ways import WAITING, pooled, run


class Client:
    def __init__(self, base):
        self.base = base
        self.session = requests.Session()
        self.session.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=32))

    def user(self, number):
        answer = self.session.get(f"{self.base}/users/{number}", params={"delay": 50})
        answer.raise_for_status()
        return len(answer.text)


def report(client, numbers):
    lengths = [client.user(number) for number in numbers]
    print(f"{len(lengths)} users, {sum(lengths)} characters")


if __name__ == "__main__":
    with serving() as base:
        client = Client(base)
        run(lambda: report(client, range(45)), pooled(client.user, range(45)), WAITING)
