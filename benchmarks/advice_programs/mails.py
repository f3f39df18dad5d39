"""Sends a mail to every subscriber through one SMTP connection."""

import smtplib
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage

from _lines import mailing
from _ways import run

COUNT = 40


def message(number):
    mail = EmailMessage()
    mail["From"], mail["To"] = "news@example.org", f"reader{number}@example.org"
    mail["Subject"] = "Hello"
    mail.set_content("The news of the week.\n" * 20)
    return mail


def main(port):
    with smtplib.SMTP("127.0.0.1", port) as server:
        for number in range(COUNT):
            server.send_message(message(number))
    print(COUNT, "sent")


def each(port, numbers):
    with smtplib.SMTP("127.0.0.1", port) as server:
        for number in numbers:
            server.send_message(message(number))


def in_threads(port, workers):
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(lambda first: each(port, range(first, COUNT, workers)), range(workers)))


if __name__ == "__main__":
    with mailing() as port:
        run(lambda: main(port), {"threads": lambda workers: in_threads(port, workers)}, {"threads": (4, 16)})
