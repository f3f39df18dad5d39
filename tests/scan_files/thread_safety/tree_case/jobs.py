import network
from network import load

words = {}
__all__ = ["count_words", "load", "spin"]


def count_words(url):
    for word in network.load(url).split():
        words[word] += 1  # expect: IOB402


def spin(steps):
    value = 1
    for step in range(steps):
        value = value * 31 + step
    return value
