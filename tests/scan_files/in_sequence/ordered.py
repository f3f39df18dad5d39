# rules: IOB2
import csv
import shutil
import zipfile

import requests

SESSION = requests.Session()


# case: written to a file in order
def saves(urls, path):
    with open(path, "w") as out:
        for url in urls:  # expect: IOB204
            out.write(SESSION.get(url, timeout=5).text)


# case: rows of a table
def table(urls, path):
    with open(path, "w", newline="") as out:
        writer = csv.writer(out)
        for url in urls:  # expect: IOB204
            reply = SESSION.get(url, timeout=5)
            writer.writerow([url, reply.status_code])


# case: printed
def shows(urls):
    for url in urls:  # expect: IOB204
        print(SESSION.get(url, timeout=5).status_code)


# case: only writes
def writes(lines, path):
    with open(path, "w") as out:
        for line in lines:
            out.write(line)


# case: into one archive
def archive(paths, name):
    with zipfile.ZipFile(name, "w") as out:
        for path in paths:
            out.write(path)


# case: copies from one open file to another
def joins(paths, target):
    with open(target, "wb") as out:
        for path in paths:
            with open(path, "rb") as part:
                shutil.copyfileobj(part, out)


# case: only prints
def prints(names):
    for name in names:
        print(name)
