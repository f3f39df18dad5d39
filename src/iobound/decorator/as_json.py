"""JSON without the module: a child that was forked while another thread loaded one would wait for that for ever.

Source:
    CPython's Lib/importlib/_bootstrap.py: a module that is being loaded has a lock, which no fork gives back.
"""

from __future__ import annotations

TYPE_CHECKING = False  # as in `typing`, which is too heavy for what stands in other people's programs
if TYPE_CHECKING:
    from typing import Any


def encoded(value: Any) -> str:
    """JSON text in ASCII, of dictionaries with text as keys, lists, tuples, text, numbers, truth values and None.

    Example:
        >>> print(encoded({"name": "\\udcff\\n", "sums": (1, 2.5), "told": True, "problem": None}))
        {"name":"\\udcff\\u000a","sums":[1,2.5],"told":true,"problem":null}
    """
    if isinstance(value, str):
        return _text(value)
    if value is None or isinstance(value, bool):
        return _WORDS[value]
    if isinstance(value, dict):
        return "{" + ",".join([f"{_text(key)}:{encoded(item)}" for key, item in value.items()]) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join([encoded(item) for item in value]) + "]"
    return repr(value)


_WORDS = {None: "null", True: "true", False: "false"}


def _text(text: str) -> str:
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return '"' + "".join([_sign(sign) for sign in text]) + '"'


def _sign(sign: str) -> str:
    code = ord(sign)
    if " " <= sign <= "~" and sign not in '"\\':
        return sign
    if code < 0x10000:
        return f"\\u{code:04x}"
    code -= 0x10000
    return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"
