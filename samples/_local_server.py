"""A slow web server on this machine, so that the samples need no network. It is no sample itself.

It runs in a process of its own, answers `GET /any-name` with a few lines of text, and takes its time for each answer,
as a server far away does. Many requests at once are served at once. It ends when the program that started it ends.
"""

import contextlib
import http.server
import subprocess
import sys
import threading
import time

DELAY_S = 0.08


class SlowAnswer(http.server.BaseHTTPRequestHandler):
    """Waits, then sends a page that names its neighbours; `?parts=N` sends N times as much in N steps."""

    def do_GET(self):
        name, _, query = self.path.lstrip("/").partition("?parts=")
        page = f"{name}\n/{name}0 /{name}1\n".encode() + b"." * 8000 + b"\n"
        parts = int(query or 1)
        self.send_response(200)
        self.send_header("Content-Length", str(parts * len(page)))
        self.end_headers()
        for _ in range(parts):
            time.sleep(DELAY_S)
            self.wfile.write(page)

    def log_message(self, *_):
        """Say nothing about each request."""


class SlowServer(http.server.ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True


@contextlib.contextmanager
def local_server():
    """Run the server while the block runs; gives its address, `http://127.0.0.1:PORT`."""
    with subprocess.Popen(
        [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        yield server.stdout.readline().strip()
        server.stdin.close()


if __name__ == "__main__":
    server = SlowServer(("127.0.0.1", 0), SlowAnswer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    sys.stdin.read()
