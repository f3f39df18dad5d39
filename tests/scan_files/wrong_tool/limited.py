# rules: IOB305
from multiprocessing import Pool

import numpy as np
from threadpoolctl import threadpool_limits


# case: the workers limit the threads of libraries
def decompose(array):
    with threadpool_limits(1):
        return np.linalg.svd(array)


def decompositions(arrays):
    with Pool() as pool:
        return pool.map(decompose, arrays)
