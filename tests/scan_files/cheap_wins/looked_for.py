# rules: IOB707
import os
from pathlib import Path


# case: looked for, then opened
def reads(path):
    if os.path.exists(path):  # expect: IOB707
        with open(path) as source:
            return source.read()
    return ""


# case: a path object
def of_path(path: Path):
    if path.exists():  # expect: IOB707
        return path.read_text()
    return ""


# case: in an expression
def in_expression(path: Path):
    return path.read_bytes() if path.is_file() else b""  # expect: IOB707


# case: tried
def tried(path):
    try:
        with open(path) as source:
            return source.read()
    except FileNotFoundError:
        return ""


# case: another file
def other(path, fallback):
    if os.path.exists(path):
        with open(fallback) as source:
            return source.read()
    return ""


# case: only written where there is none
def writes(path):
    if not os.path.exists(path):
        print("none")
    return path


# case: looked for alone
def there(path):
    return os.path.exists(path)
