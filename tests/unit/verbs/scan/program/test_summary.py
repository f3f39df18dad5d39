"""Which calls of a file are kept, and which lead nowhere."""

from __future__ import annotations

from iobound.verbs.scan.scanning import read_facts


def symbols_called(source: str) -> set[str]:
    facts = read_facts("app.py", source.encode(), frozenset({"app"}))
    return {facts.symbols[site.symbol] for function in facts.functions for site in function.calls}


def test_the_making_of_an_exception_that_is_raised_is_not_kept_but_what_it_is_made_of_is():
    source = """
import time

class Refused(Exception):
    pass

def ask():
    raise Refused(time.sleep(1)) from Refused()
"""
    assert symbols_called(source) == {"time.sleep", ":Refused"}  # the cause may be what somebody made before
    assert symbols_called(source.replace(" from Refused()", "")) == {"time.sleep"}


def test_what_a_function_gives_may_be_raised_and_is_a_call():
    source = """
import time

def refusal():
    time.sleep(1)
    return ValueError()

def ask():
    raise refusal()
"""
    assert symbols_called(source) == {"time.sleep", ":refusal"}


def test_a_property_is_read_wherever_the_dot_before_its_name_stands():
    source = """
import time

class Page:
    @property
    def text(self):
        time.sleep(1)
        return ""

    def show(self):
        return (
            self.
                text
        )

    def hide(self):
        return self.context
"""
    facts = read_facts("app.py", source.encode())
    readers = {
        function.name
        for function in facts.functions
        for site in function.calls
        if facts.symbols[site.symbol] == ":Page.text"
    }
    assert readers == {"Page.show"}
