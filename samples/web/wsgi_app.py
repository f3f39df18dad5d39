"""A WSGI application: two endpoints, each with a `@iobound.advise` that tells what its requests wait for.

Shows:    `/prices` asks for one answer after another, `/checksum` computes; each request has a thread of its own.
Expected: `io` for `/prices`, with the line and the host that it waits for; `cpu` for `/checksum`.
Needs:    pip install 'iobound[samples-web]'
Run it:   python samples/web/wsgi_app.py, then open the address that it prints; Ctrl-C ends it, and says what was seen.
"""

import contextlib
import hashlib
import pathlib
import sys
import urllib.request

from flask import Flask, Response, request
from werkzeug.serving import make_server

import iobound

sys.path.append(str(pathlib.Path(__file__).parents[1]))
from _local_server import local_server

ITEMS = ("apples", "pears", "plums", "figs", "dates")

app = Flask(__name__)


def price(item):
    with urllib.request.urlopen(f"{app.config['UPSTREAM']}/{item}") as answer:
        return len(answer.read())


@app.get("/prices")
@iobound.advise(name="GET /prices")
def prices():
    found = {}
    for item in ITEMS:
        found[item] = price(item)
    return found


@app.get("/checksum")
@iobound.advise(name="GET /checksum")
def checksum():
    digest = b""
    for number in range(120_000):
        digest = hashlib.sha256(digest + number.to_bytes(4, "big")).digest()
    return digest.hex()


@app.get("/advice/<endpoint>")
def advice(endpoint):
    """What was seen so far, endpoint by endpoint; for the developer, and not for the world."""
    text = app.view_functions[endpoint].report().render(request.args.get("as", "html"))
    return Response(text, mimetype="text/plain" if "as" in request.args else "text/html")


def main():
    with local_server() as address:
        app.config["UPSTREAM"] = address
        server = make_server("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 0, app, threaded=True)
        print(f"http://127.0.0.1:{server.server_port}", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            server.serve_forever()


if __name__ == "__main__":
    main()
