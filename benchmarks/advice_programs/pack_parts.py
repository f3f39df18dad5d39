"""Packs parts with lzma, names and parts zipped, at module level."""

import lzma

from _ways import asked, pooled, run

names = [f"part{number}" for number in range(24)]
text = " ".join(str(number * 2654435761 % 99991) for number in range(45_000)).encode()
parts = [text[number:] + text[:number] for number in range(24)]


def pack(part):
    return len(lzma.compress(part, preset=4))


if __name__ == "__main__":
    if asked():
        run(lambda: None, pooled(pack, parts))
    else:
        sizes = {}
        for name, part in zip(names, parts, strict=True):
            sizes[name] = pack(part)
        print(sum(sizes.values()))
