"""Thumbnails of all pictures below a folder, with os.walk."""

import os
import tempfile

from _ways import pooled, run
from PIL import Image


def make_pictures(folder, count):
    picture = Image.effect_noise((2400, 1800), 60).convert("RGB")
    for number in range(count):
        picture.save(os.path.join(folder, f"picture{number:02}.jpg"), quality=85)


def thumbnail(path):
    with Image.open(path) as picture:
        small = picture.resize((640, 480), Image.Resampling.LANCZOS)
        small.save(path.replace(".jpg", ".small.png"))
    return small.size


def main(folder):
    count = 0
    for root, _, names in os.walk(folder):
        for name in names:
            if name.endswith(".jpg"):
                thumbnail(os.path.join(root, name))
                count += 1
    print(count, "thumbnails")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        make_pictures(folder, 10)
        paths = [os.path.join(folder, name) for name in os.listdir(folder)]
        run(lambda: main(folder), pooled(thumbnail, paths))
