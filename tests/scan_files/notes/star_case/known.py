# case: the module is scanned
from kit.net import *

fetch(1)
