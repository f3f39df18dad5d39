# rules: IOB1
import socket


def _read(host):
    with socket.create_connection((host, 80)) as line:
        return line.recv(100)


def fetch(host):
    return _read(host)


async def fetch_well(host):
    return host


class Client:
    def __init__(self, host):
        self.host = host

    def get(self):
        return _read(self.host)
