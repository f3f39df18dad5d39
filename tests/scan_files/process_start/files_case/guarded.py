# case: under the main guard
from work import crunch

if __name__ == "__main__":
    crunch([1, 2])
