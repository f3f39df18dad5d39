"""A script without a function: everything stands at module level, as in a first tutorial."""

import os
import tempfile

import requests
from _server import serving
from _ways import WAITING, asked, pooled, run

with serving() as base, tempfile.TemporaryDirectory() as folder:
    names = [f"photo_{number:02d}.jpg" for number in range(40)]
    session = requests.Session()

    def keep(name):
        with open(os.path.join(folder, name), "wb") as file:
            file.write(session.get(f"{base}/{name}?delay=55&size=30000").content)

    if asked() is None:
        total = 0
        for name in names:
            response = session.get(f"{base}/{name}?delay=55&size=30000")
            with open(os.path.join(folder, name), "wb") as f:
                f.write(response.content)
            total += len(response.content)
        print(f"Downloaded {len(names)} files, {total} bytes")
    else:
        run(lambda: None, pooled(keep, names, "threads"), WAITING)
