"""Parses XML documents with lxml and reads them through XPath, over dict.items()."""

from _ways import pooled, run
from lxml import etree

XML = (
    b"<feed>"
    + b"".join(b'<item id="%d"><price>%d</price><name>n%d</name></item>' % (n, n, n) for n in range(9000))
    + b"</feed>"
)
FEEDS = {f"feed{number}": XML for number in range(70)}


def value(pair):
    name, document = pair
    root = etree.fromstring(document)
    return name, sum(int(price.text) for price in root.xpath("//item[@id mod 3 = 0]/price"))


def main():
    values = {}
    for name, document in FEEDS.items():
        values[name] = value((name, document))[1]
    print(sum(values.values()))


if __name__ == "__main__":
    run(main, pooled(value, list(FEEDS.items())))
