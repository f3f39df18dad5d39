"""Methods of strings and lists in a loop: many short calls into C."""

from _measured import measured_work

LINE = "the quick brown fox, jumps over; the lazy dog"


def index_words(rounds: int) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {}
    for number in range(rounds):
        for word in LINE.replace(",", " ").replace(";", " ").split():
            places.setdefault(word.upper().strip(), []).append(number)
        if number % 1000 == 0:
            places = {word: sorted(numbers)[-10:] for word, numbers in places.items()}
    return places


with measured_work():
    index_words(1_100_000)
