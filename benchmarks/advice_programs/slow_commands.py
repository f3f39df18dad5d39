"""Runs commands that mostly wait, such as remote logins."""

import subprocess

from _ways import WAITING, pooled, run

HOSTS = [f"host{number}" for number in range(25)]


def uptime(host):
    done = subprocess.run(["sh", "-c", f"sleep 0.12; echo {host} up"], capture_output=True, text=True, check=True)
    return done.stdout


def main():
    for host in HOSTS:
        print(uptime(host), end="")


if __name__ == "__main__":
    run(main, pooled(uptime, HOSTS), WAITING)
