# rules: IOB414
import queue
import socket
import sqlite3
import subprocess
import threading
import time
from concurrent.futures import Future

import boto3
import mysql.connector
import requests

LOCK = threading.Lock()
results = []


# case: the network under a lock
def fetch(url):
    with LOCK:
        results.append(requests.get(url).text)  # expect: IOB414


# case: the wait before the lock
def fetch_first(url):
    text = requests.get(url).text
    with LOCK:
        results.append(text)


# case: through a function
def load(url):
    return requests.get(url).json()


def load_locked(url):
    with LOCK:
        return load(url)  # expect: IOB414


# case: sleeping
def pause():
    with LOCK:
        time.sleep(1)  # expect: IOB414


# case: a child process
def build():
    with LOCK:
        subprocess.run(["make"], check=True)  # expect: IOB414


# case: the result of another thread
def result(future: Future):
    with LOCK:
        return future.result()  # expect: IOB414


# case: the end of another thread
def wait_for(thread: threading.Thread):
    with LOCK:
        thread.join()  # expect: IOB414


# case: a change in memory
def note(text):
    with LOCK:
        results.append(text)


class Link:
    def __init__(self):
        self.lock = threading.Lock()
        self.ready = threading.Condition()
        self.sock = socket.create_connection(("host", 80))
        self.client = None
        self.items = queue.Queue()

    # case: the lock protects the connection itself
    def send(self, data):
        with self.lock:
            self.sock.sendall(data)

    # case: made once
    def client_of(self):
        with self.lock:
            if self.client is None:
                self.client = requests.get("https://example.org/token").text
            return self.client

    # case: done already
    def start(self):
        with self.lock:
            if self.client is not None:
                return
            self.client = requests.get("https://example.org/token").text

    # case: renewed when it has run out
    def token(self, now):
        with self.lock:
            if self.until >= now:
                return self.client
            try:
                self.client = requests.get("https://example.org/token").text
            except OSError:
                self.client = None
            return self.client

    # case: nobody needs the lock any more
    def shutdown(self, thread: threading.Thread):
        with self.lock:
            thread.join()

    # case: starting a child does not wait for it
    def spawn(self, command):
        with self.lock:
            return subprocess.Popen(command)

    # case: a condition is given back while it is waited for
    def wait(self):
        with self.ready:
            self.ready.wait()

    # case: its own client, made beside the lock, something else under it
    def refresh(self, url):
        with self.lock:
            self.client = requests.get(url).text  # expect: IOB414

    # case: a function inside that runs later
    def later(self, url):
        with self.lock:
            return lambda: requests.get(url)


# case: a client that the module keeps beside its lock
S3 = boto3.client("s3")


def upload(path):
    with LOCK:
        S3.upload_file(path, "bucket", path)


# case: a connection that is given, taken in turns
def send(sock: socket.socket, data):
    with LOCK:
        sock.sendall(data)


# case: taken in turns through a function
def write_message(sock: socket.socket, text):
    sock.sendall(text.encode())


def tell(sock: socket.socket, text):
    with LOCK:
        write_message(sock, text)


# case: a cursor of a connection from outside
def rows(database: sqlite3.Connection):
    with LOCK:
        cursor = database.cursor()
        cursor.execute("select 1")
        return cursor.fetchall()


# case: a row of a connection that is given
def version(database: mysql.connector.connection):
    with LOCK:
        return database.cursor().fetchone()


# case: a pace that all threads keep to
def paced(last):
    with LOCK:
        delay = 0.3 - (time.monotonic() - last)
        if delay > 0:
            time.sleep(delay)


# case: a sleep so short that nobody minds
def tick():
    with LOCK:
        time.sleep(0.001)


# case: a client that the function makes
def page(url):
    with LOCK:
        client = requests.Session()
        return client.get(url).text  # expect: IOB414


# case: a short file
def read(path):
    with LOCK:
        with open(path) as file:
            return file.read()


# case: the lock keeps others from what the overridden method uses
def checked_sockets(settings):
    lock = threading.RLock()

    class Checked(socket.socket):
        def connect(self, address):
            with lock:
                answer = super().connect(address)
                settings.check(self)
                return answer

        # case: another method than the one that is overridden
        def refresh(self, url):
            with lock:
                return requests.get(url)  # expect: IOB414

    return Checked


# case: one after another makes what is outside, nobody else has the object yet
class Table:
    def __init__(self, name):
        self.name = name
        with LOCK:
            self.columns = self._make()
        with LOCK:
            results.append(self._make())  # expect: IOB414

    def _make(self):
        return requests.post("https://example.org/tables", data=self.name).json()


# case: what is done depends on what is found: nobody may come between
def ensure(name):
    found = requests.get(f"https://example.org/tables/{name}")
    if found.status_code == 404:
        requests.post("https://example.org/tables", data=name)


def ensured(name):
    with LOCK:
        ensure(name)


# case: two waits of which none depends on the other
def both(name):
    requests.get(f"https://example.org/tables/{name}")
    requests.get(f"https://example.org/rows/{name}")


def both_locked(name):
    with LOCK:
        both(name)  # expect: IOB414
