# rules: IOB201, IOB202, IOB204
import os
import socket
import urllib.request

import fsspec
import pandas
import torch


def download(url, folder):
    path = os.path.join(folder, url.rpartition("/")[2])
    if fsspec.filesystem("file").exists(path):
        return path
    data = urllib.request.urlopen(url)
    with fsspec.open(path, "wb") as file:
        file.write(data.read())
    return path


# case: a helper that looks whether a file is there, then fetches it
def download_all(urls, folder):
    for url in urls:  # expect: IOB201
        download(url, folder)


def is_there(path):
    return fsspec.filesystem("file").exists(path)


# case: nothing but looks at paths, which may be local
def existing(paths):
    for path in paths:
        is_there(path)
    return [path for path in paths if fsspec.filesystem("file").isdir(path)]


def answer(data, host, port=88):
    try:
        address = socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM)[0]
        connection = socket.socket(*address[:3])
        connection.connect(address[4])
    except OSError as error:
        raise OSError("no connection") from error
    connection.sendall(data)
    return connection.recv(4)


# case: a name that is looked up, a connection, an answer
def answers(hosts):
    return [answer(b"?", host) for host in hosts]  # expect: IOB202


# case: what lies in files only
def weights(paths):
    return {path: torch.load(path) for path in paths}  # expect: IOB202~


# case: tables, which are parsed
def tables(paths):
    return {path: pandas.read_csv(path) for path in paths}  # expect: IOB202
