"""Where source text names a function without calling it: something else may call it then."""

from __future__ import annotations

import re


def names(text: bytes, name: bytes, *, is_method: bool) -> bool:
    """Whether source text names a function, or a method of something, other than to define, import or call it.

    Example:
        >>> names(b"add(handle)", b"handle", is_method=False), names(b"handle(1)", b"handle", is_method=False)
        (True, False)
    """
    at = text.find(name)
    while at >= 0:
        end = at + len(name)
        is_whole = not _WORD.match(text, at - 1) and not _AFTER.match(text, end)
        is_attribute = text[at - 1 : at] == b"."
        if is_whole and is_attribute >= is_method:
            line = text.rfind(b"\n", 0, at) + 1
            before = text[line:at].lstrip()
            if not before.startswith(_OTHER_LINES) and not before.endswith(_OTHER_WORDS):
                if not _is_prose(text, end, before):
                    return True
        at = text.find(name, end)
    return False


_WORD = re.compile(rb"[\w\"'`]")
_AFTER = re.compile(rb"[ \t]*[(`:\w=\"']")
_OTHER_LINES = (b"#", b"from ", b"import ", b'"', b"'")
_OTHER_WORDS = (b"anyio.run(", b"def ", b"trio.run(")


def _is_prose(text: bytes, end: int, before: bytes) -> bool:
    """Whether a name stands in a comment, a string or a sentence."""
    ends = text.find(b"\n", end)
    after = text[end : ends if ends >= 0 else len(text)].strip()
    in_string = before.count(b'"') % 2 == 1 or before.count(b"'") % 2 == 1
    return in_string or b"#" in before or bool(re.match(rb"\w", after)) or bool(re.search(rb"\w \w+ $", before))
