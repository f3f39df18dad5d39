"""A server that makes its clients wait: HTTP, SMTP, POP, IMAP, FTP, Redis and raw bytes, each answer after 15 ms.

    python server.py

Prints the ports as JSON, then serves until its standard input ends. It is a process of its own so that its work does
not take the GIL of the process that is looked at.
"""

import json
import socketserver
import sys
import threading
import time

DELAY_S = 0.015
BODY = b"x" * 1000


class Talk(socketserver.StreamRequestHandler):
    """Answers lines; a subclass says how."""

    greeting = b""

    def handle(self) -> None:
        try:
            if self.greeting:
                time.sleep(DELAY_S)
                self.wfile.write(self.greeting)
            for line in self.rfile:
                answer = self.answer(line)
                if answer:
                    time.sleep(DELAY_S)
                    self.wfile.write(answer)
        except (ConnectionError, ValueError):
            pass

    def answer(self, line: bytes) -> bytes:
        raise NotImplementedError


class Http(Talk):
    def answer(self, line: bytes) -> bytes:
        length = 0
        while (header := self.rfile.readline()).strip():
            name, _, value = header.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        self.rfile.read(length)
        body = b"" if line.startswith(b"HEAD") else BODY
        return b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s" % (len(BODY), body)


class Smtp(Talk):
    greeting = b"220 here\r\n"

    message = False

    def answer(self, line: bytes) -> bytes:
        word = line.strip().upper()
        if word == b"DATA":
            self.message = True
            return b"354 go on\r\n"
        if self.message and word != b".":
            return b""
        self.message = False
        return b"250 fine\r\n"


class Pop(Talk):
    greeting = b"+OK here\r\n"

    def answer(self, line: bytes) -> bytes:
        return b"+OK 1 100\r\n"


class Imap(Talk):
    greeting = b"* OK here\r\n"

    def answer(self, line: bytes) -> bytes:
        tag = line.split()[0]
        extra = b"* CAPABILITY IMAP4REV1\r\n" if b"CAPABILITY" in line else b""
        return extra + tag + b" OK done\r\n"


class Ftp(Talk):
    greeting = b"220 here\r\n"

    def answer(self, line: bytes) -> bytes:
        if line.startswith(b"PWD"):
            return b'257 "/"\r\n'
        return b"230 in\r\n" if line.startswith(b"USER") else b"200 fine\r\n"


class Redis(Talk):
    def answer(self, line: bytes) -> bytes:
        return b"+OK\r\n" if line.startswith(b"*") else b""


class Echo(Talk):
    def answer(self, line: bytes) -> bytes:
        return line


class Silent(Talk):
    """Takes what comes, and hangs up after a while."""

    def handle(self) -> None:
        time.sleep(DELAY_S)


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128


def main() -> None:
    ports = {}
    for handler in (Http, Smtp, Pop, Imap, Ftp, Redis, Echo, Silent):
        server = Server(("127.0.0.1", 0), handler)
        ports[handler.__name__.lower()] = server.server_address[1]
        threading.Thread(target=server.serve_forever, daemon=True).start()
    print(json.dumps(ports), flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
