# case: a relative import
from .net import *

fetch(2)
