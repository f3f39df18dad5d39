"""An ASGI application: three endpoints, each with a `@iobound.advise` that tells what its requests wait for.

Shows:    `/prices` awaits one answer after another, `/legacy` blocks its event loop, `/checksum` computes.
Expected: `io` and the advice to await together for `/prices`, the line that blocks the loop for `/legacy`, `cpu` for
          `/checksum`.
Needs:    pip install 'iobound[samples-web]'
Run it:   python samples/web/asgi_app.py, then open the address that it prints; Ctrl-C ends it, and says what was seen.
"""

import contextlib
import hashlib
import pathlib
import sys
import time
from socket import create_server

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse
from starlette.routing import Route

import iobound

sys.path.append(str(pathlib.Path(__file__).parents[1]))
from _local_server import local_server

ITEMS = ("apples", "pears", "plums", "figs", "dates")


@iobound.advise(name="GET /prices")
async def prices(request):
    client, address = request.app.state.client, request.app.state.address
    found = {}
    for item in ITEMS:
        answer = await client.get(f"{address}/{item}")
        found[item] = len(answer.content)
    return JSONResponse(found)


@iobound.advise(name="GET /legacy")
async def legacy(request):
    time.sleep(0.1)  # a driver that knows nothing of asyncio
    return PlainTextResponse("done")


@iobound.advise(name="GET /checksum")
async def checksum(request):
    digest = b""
    for number in range(120_000):
        digest = hashlib.sha256(digest + number.to_bytes(4, "big")).digest()
    return PlainTextResponse(digest.hex())


ENDPOINTS = {"prices": prices, "legacy": legacy, "checksum": checksum}


async def advice(request):
    """What was seen so far, endpoint by endpoint; for the developer, and not for the world."""
    endpoint = ENDPOINTS[request.path_params["endpoint"]]
    text = await run_in_threadpool(lambda: endpoint.report().render(request.query_params.get("as", "html")))
    return PlainTextResponse(text) if "as" in request.query_params else HTMLResponse(text)


@contextlib.asynccontextmanager
async def lifespan(app):
    with local_server() as address:
        async with httpx.AsyncClient() as client:
            app.state.client, app.state.address = client, address
            yield


app = Starlette(
    routes=[
        *(Route(f"/{name}", endpoint) for name, endpoint in ENDPOINTS.items()),
        Route("/advice/{endpoint}", advice),
    ],
    lifespan=lifespan,
)


def main():
    listening = create_server(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 0))
    print("http://{}:{}".format(*listening.getsockname()), flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[listening])


if __name__ == "__main__":
    main()
