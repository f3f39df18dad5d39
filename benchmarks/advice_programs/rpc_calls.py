"""Calls a remote procedure for each item through one xmlrpc proxy."""

import subprocess
import sys
import threading
import time
import xmlrpc.client
from concurrent.futures import ThreadPoolExecutor
from socketserver import ThreadingMixIn
from xmlrpc.server import SimpleXMLRPCServer

from _ways import run

COUNT = 40


class Server(ThreadingMixIn, SimpleXMLRPCServer):
    request_queue_size = 64


def serve():
    server = Server(("127.0.0.1", 0), logRequests=False)
    server.register_function(lambda number: (time.sleep(0.05), number * number)[1], "square")
    print(server.server_address[1], flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()


def main(port):
    proxy = xmlrpc.client.ServerProxy(f"http://127.0.0.1:{port}")
    squares = []
    for number in range(COUNT):
        squares.append(proxy.square(number))
    print(sum(squares))


def in_threads(port, workers):
    def call(number):
        return xmlrpc.client.ServerProxy(f"http://127.0.0.1:{port}").square(number)

    with ThreadPoolExecutor(workers) as pool:
        print(sum(pool.map(call, range(COUNT))))


if __name__ == "__main__":
    if sys.argv[1:] == ["serve"]:
        serve()
        sys.exit()
    command = [sys.executable, __file__, "serve"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        port = int(server.stdout.readline())
        run(lambda: main(port), {"threads": lambda workers: in_threads(port, workers)}, {"threads": (4, 16)})
        server.stdin.close()
