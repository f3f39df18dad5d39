# rules: IOB1
from .net import fetch
