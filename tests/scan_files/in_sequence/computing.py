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
