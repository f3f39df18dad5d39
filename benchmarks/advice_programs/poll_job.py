"""Starts a job on a server and asks for its state until it is done."""

import json
import time
import urllib.request

from _server import serving
from _ways import run


def state(base, number):
    with urllib.request.urlopen(f"{base}/pages?after={number}&last=12&delay=15") as response:
        return json.load(response)["next"]


def main():
    with serving() as base:
        number = 0
        while True:
            following = state(base, number)
            if following is None:
                break
            number = following
            print("still running", number)
            time.sleep(0.25)
        print("done")


if __name__ == "__main__":
    run(main)
