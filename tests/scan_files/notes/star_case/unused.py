# case: no name is missing
from elsewhere import *


def own():
    return print(1)


own()
