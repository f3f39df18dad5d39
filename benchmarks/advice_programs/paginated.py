"""A paginated API: each page names the next one, so nothing can be asked for at once."""

import json
import urllib.request

from _server import serving
from _ways import run


def get_page(base, cursor):
    with urllib.request.urlopen(f"{base}/pages?after={cursor}&last=50&delay=50") as answer:
        return json.load(answer)


def main():
    with serving() as base:
        cursor = 0
        rows = []
        while cursor is not None:
            page = get_page(base, cursor)
            rows.extend(page["rows"])
            cursor = page["next"]
        print(len(rows), "rows")


if __name__ == "__main__":
    run(main)
