"""Parses pages with BeautifulSoup."""

from _ways import pooled, run
from bs4 import BeautifulSoup

PAGE = (
    "<html><body>"
    + "".join(f"<div class='row'><a href='/{n}'>t{n}</a><p>p</p></div>" for n in range(400))
    + "</body></html>"
)
PAGES = [PAGE.replace("/1", f"/{number}-1") for number in range(45)]


def titles(page):
    soup = BeautifulSoup(page, "html.parser")
    return [link.get_text() for link in soup.select("div.row a")]


def main():
    everything = []
    for page in PAGES:
        everything += titles(page)
    print(len(everything))


if __name__ == "__main__":
    run(main, pooled(titles, PAGES))
