"""Adds up the sizes of all files below a folder, as du does."""

import os
import tempfile

from _ways import pooled, run


def folder_size(root):
    total = 0
    for directory, _, files in os.walk(root):
        for name in files:
            path = os.path.join(directory, name)
            if not os.path.islink(path):
                total += os.path.getsize(path)
    return total


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(dir=".") as root:
        folders = [os.path.join(root, f"d{number}") for number in range(24)]
        for folder in folders:
            os.mkdir(folder)
            for number in range(150):
                with open(os.path.join(folder, str(number)), "w") as file:
                    file.write("x" * number)
        run(lambda: print(sum(folder_size(root) for _ in range(60))), pooled(folder_size, folders * 60))
