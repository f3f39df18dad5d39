# case: a library whose calls are known
from os.path import *

exists("a")
