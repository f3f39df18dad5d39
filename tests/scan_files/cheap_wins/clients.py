# rules: IOB705
import smtplib
import sqlite3
import ssl

import boto3
import httpx
import requests
from sqlalchemy import create_engine, text


# case: the same client for each item
def uploads(names):
    for name in names:
        client = boto3.client("s3")  # expect: IOB705
        client.upload_file(name, "bucket", name)


# case: certificates are loaded again
def contexts(hosts):
    for host in hosts:
        context = ssl.create_default_context()  # expect: IOB705
        host.connect(context)


# case: an engine for each statement
def engines(numbers, url):
    for number in numbers:
        with create_engine(url).connect() as connection:  # expect: IOB705
            connection.execute(text("SELECT :n"), {"n": number})


# case: a session for each request
def sessions(urls):
    for url in urls:
        with requests.Session() as session:  # expect: IOB705
            session.get(url, timeout=5)


# case: made once
def once(names):
    client = boto3.client("s3")
    for name in names:
        client.upload_file(name, "bucket", name)


# case: another one for each region
def regions(names):
    for name in names:
        boto3.client("ec2", region_name=name).describe_instances()


# case: a pool of them on purpose
def pool():
    return [requests.Session() for _ in range(8)]


# case: kept by name
def kept(names):
    clients = {}
    for name in names:
        clients[name] = boto3.client("s3")
    return clients


# case: only when there is none yet
def lazily(names):
    client = None
    for name in names:
        if client is None:
            client = boto3.client("s3")
        client.upload_file(name, "bucket", name)


# case: measured on purpose
def measures():
    for _ in range(100):
        ssl.create_default_context()


# case: attempts
def attempts():
    while True:
        try:
            return boto3.client("s3")
        except ValueError:
            continue


# case: one connection for each row
def connects(rows):
    for row in rows:
        connection = sqlite3.connect("rows.db")  # expect: IOB705
        connection.execute("INSERT INTO t VALUES (?)", row)
        connection.close()


# case: one asynchronous client for each item
async def asks(urls):
    for url in urls:
        async with httpx.AsyncClient() as client:  # expect: IOB705
            await client.get(url)


# case: a mail server for each message
def mails(messages):
    for message in messages:
        with smtplib.SMTP("mail.example", timeout=5) as server:  # expect: IOB705
            server.send_message(message)


# case: another server each time
def greets(servers):
    for host in servers:
        with smtplib.SMTP(host, timeout=5) as server:
            server.noop()


# case: another database each time
def opens(paths):
    for path in paths:
        connection = sqlite3.connect(path)
        connection.execute("VACUUM")


# case: a connection before the loop
def connected(rows):
    connection = sqlite3.connect("rows.db")
    for row in rows:
        connection.execute("INSERT INTO t VALUES (?)", row)
