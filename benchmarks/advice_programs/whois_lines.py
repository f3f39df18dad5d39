"""Asks a line-based service over a socket of its own for each name, as whois does."""

import socket

from _lines import answering
from _ways import WAITING, pooled, run

PORT = 0


def lookup(name):
    with socket.create_connection(("127.0.0.1", PORT)) as connection:
        connection.sendall(name.encode() + b"\r\n")
        parts = []
        while data := connection.recv(4096):
            parts.append(data)
    return b"".join(parts).decode()


def main(names):
    for name in names:
        answer = lookup(name)
        print(name, len(answer))


if __name__ == "__main__":
    with answering() as PORT:
        names = [f"example{number}.org" for number in range(50)]
        run(lambda: main(names), pooled(lookup, names), WAITING)
