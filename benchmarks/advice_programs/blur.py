"""A filter over pictures in memory with map()."""

from _ways import pooled, run
from PIL import Image, ImageFilter

PICTURES = [Image.linear_gradient("L").resize((900, 900)).convert("RGB") for _ in range(20)]


def blurred(number):
    picture = PICTURES[number].filter(ImageFilter.GaussianBlur(12)).filter(ImageFilter.MedianFilter(5))
    return picture.getpixel((5, 5))


if __name__ == "__main__":
    run(lambda: print(len(list(map(blurred, range(20))))), pooled(blurred, range(20)))
