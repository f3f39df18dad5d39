# case: what `python -m` runs is not imported again
from multiprocessing import Pool

from work import crunch

crunch([1, 2])

with Pool() as pool:
    pool.map(len, ["a"])
