# rules: IOB2
import bcrypt
import numpy
from bs4 import BeautifulSoup
from PIL import Image
from scipy.optimize import minimize


# case: images are made smaller
def thumbnails(images: list[Image.Image]):
    small = []
    for path in images:  # expect: IOB214
        small.append(Image.open(path).resize((64, 64)))
    return small


# case: passwords are hashed
def hashes(passwords):
    return [bcrypt.hashpw(password, bcrypt.gensalt()) for password in passwords]  # expect: IOB214


# case: pages are parsed
def titles(pages):
    found = []
    for page in pages:  # expect: IOB213
        found.append(BeautifulSoup(page, "html.parser").title)
    return found


# case: a minimum for each start
def optima(starts, cost):
    return [minimize(cost, start).x for start in starts]  # expect: IOB213


# case: one solution is the next start
def continuation(values, cost, point):
    for value in values:
        point = minimize(cost, point, args=(value,)).x
    return point


# case: power iteration goes on from its own result
def iterate(matrix, vector):
    for _ in range(100):
        vector = numpy.linalg.solve(matrix, vector)
    return vector


# case: numbers are only added
def adds(rows):
    sums = []
    for row in rows:
        sums.append(numpy.sum(row))
    return sums


# case: three images
def three(one, two, three):
    return [Image.open(path).resize((8, 8)) for path in (one, two, three)]


# case: plain Python that counts for long
def primes(limit):
    found = 0
    for number in range(2, limit):
        for divisor in range(2, number):
            if number % divisor == 0:
                break
        else:
            found += 1
    return found


def all_primes(limits):
    return [primes(limit) for limit in limits]  # expect: IOB213


# case: collected in order
def collatz(start):
    steps = 0
    while start != 1:
        start = start // 2 if start % 2 == 0 else 3 * start + 1
        steps += 1
    return steps


def all_collatz(starts):
    out = []
    for start in starts:  # expect: IOB213
        out.append(collatz(start))
    return out


# case: a short loop
def checksum(row):
    total = 0
    for weight in (1, 3, 1, 3):
        total += weight * len(row)
    return total


def checksums(rows):
    return [checksum(row) for row in rows]


# case: goes on from the last result
def refined(starts):
    value = 1
    for start in starts:
        value = collatz(start + value)
    return value


# case: the same again, to measure
def measured():
    for _ in range(10):
        primes(1000)


# case: only for some
def some(numbers):
    out = []
    for number in numbers:
        if number < 0:
            out.append(collatz(-number))
    return out


# case: two of them
def both():
    return [primes(limit) for limit in (10, 20)]


# case: a function that no other process can be given
def nested(numbers):
    def work(number):
        steps = 0
        while number != 1:
            number = number // 2 if number % 2 == 0 else 3 * number + 1
            steps += 1
        return steps

    return [work(number) for number in numbers]
