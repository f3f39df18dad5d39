"""Opens images, scales them down and pastes them onto one sheet."""

import tempfile
from pathlib import Path

from _ways import pooled, run
from PIL import Image, ImageDraw

SIZE = 200


def small(path):
    with Image.open(path) as image:
        image = image.convert("RGB")
        image.thumbnail((SIZE, SIZE), Image.LANCZOS)
        return image


def main(folder):
    paths = sorted(Path(folder).glob("*.png"))
    sheet = Image.new("RGB", (10 * SIZE, 7 * SIZE), "white")
    for index, path in enumerate(paths):
        image = small(path)
        sheet.paste(image, ((index % 10) * SIZE, (index // 10) * SIZE))
    sheet.save(Path(folder) / "sheet.jpg", quality=80)


def fill(folder):
    image = Image.radial_gradient("L").resize((1800, 1400)).convert("RGB")
    draw = ImageDraw.Draw(image)
    draw.ellipse((300, 300, 900, 900), outline="red", width=4)
    image.save(f"{folder}/00.png", compress_level=1)
    content = Path(folder, "00.png").read_bytes()
    for number in range(1, 70):
        Path(folder, f"{number:02d}.png").write_bytes(content)
    return sorted(Path(folder).glob("*.png"))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        paths = fill(folder)
        run(lambda: main(folder), pooled(small, paths))
