"""What children write without the module `json` is what that module reads."""

import json

from hypothesis import given
from hypothesis import strategies as st

from iobound.decorator.as_json import encoded

texts = st.text(st.characters())  # lone surrogates, too: names of files may hold them
plain = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts
values = st.recursive(plain, lambda inner: st.lists(inner) | st.dictionaries(texts, inner))


@given(values)
def test_it_is_read_as_it_was(value: object) -> None:
    """And is ASCII on one line."""
    text = encoded(value)
    assert text.isascii() and "\n" not in text
    assert json.loads(text) == value


@given(st.lists(st.integers()).map(tuple))
def test_tuples_are_lists(value: tuple[int, ...]) -> None:
    """As for the module."""
    assert json.loads(encoded(value)) == list(value)
