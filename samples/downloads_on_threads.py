"""Three downloads at once, each on a thread of its own.

Shows:    urllib.request.urlretrieve on threads; every file takes about a second and a half to arrive.
Expected: verdict `io` (waiting on the network). The downloads already overlap and there are only three, so there is
          nothing more to win: `sequential`, that is leave it as it is, or `threads`, as it is done already.
"""

import pathlib
import tempfile
import threading
import urllib.request

from _local_server import local_server

NAMES = ("alpha", "beta", "gamma")


def download(url, path):
    urllib.request.urlretrieve(url, path)


def main():
    with local_server() as address, tempfile.TemporaryDirectory() as folder:
        paths = {name: pathlib.Path(folder, name) for name in NAMES}
        threads = [
            threading.Thread(target=download, args=(f"{address}/{name}?parts=20", path), name=f"download-{name}")
            for name, path in paths.items()
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for name, path in paths.items():
            print(name, path.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
