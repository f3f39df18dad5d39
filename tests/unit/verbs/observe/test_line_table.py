"""Lines and columns out of line tables: what the interpreter itself says, for every instruction."""

from __future__ import annotations

import argparse
import ast
import asyncio.base_events
import dataclasses
import random
import sys
import time
import types
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iobound.verbs.observe.line_table import Position, position


def codes_in(code):
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from codes_in(constant)


def expected_positions(code):
    """Of each instruction; one that has no line has that of the instruction before."""
    before = code.co_firstlineno
    for line, end_line, column, end_column in code.co_positions():
        if line is None:
            yield Position(before, -1, 0, -1)
            continue
        before = line
        yield Position(line, -1 if column is None else column, end_line or 0, -1 if end_column is None else end_column)


def assert_every_position(code):
    for number, place in enumerate(expected_positions(code)):
        assert position(code.co_linetable, code.co_firstlineno, number) == place, (code, number)


def test_every_instruction_of_generated_code_is_found_in_whatever_order_and_without_beginning_anew():
    """Reading 20 positions of this from the beginning takes 20 times as long as one."""
    code = compile("\n".join(f"x{number} = (y + {number}) * 2" for number in range(20_000)), "generated.py", "exec")
    wanted = dict(enumerate(expected_positions(code)))
    numbers = random.Random(1).sample(sorted(wanted), 500)
    marks = []
    begun = time.thread_time()
    position(code.co_linetable, code.co_firstlineno, max(wanted), marks)
    once = time.thread_time() - begun
    begun = time.thread_time()
    found = [position(code.co_linetable, code.co_firstlineno, number, marks) for number in numbers]
    assert time.thread_time() - begun < 20 * once
    assert found == [wanted[number] for number in numbers]


def test_a_table_is_read_on_from_where_it_was_read_to():
    code = compile("\n".join(f"x{number} = f(y)" for number in range(3_000)), "generated.py", "exec")
    marks = []
    for number, place in list(enumerate(expected_positions(code)))[::700] * 2:
        assert position(code.co_linetable, code.co_firstlineno, number, marks) == place
    assert marks == sorted(set(marks))


@pytest.mark.parametrize(
    "module", [argparse, ast, asyncio.base_events, dataclasses], ids=lambda module: module.__name__
)
def test_every_instruction_of_a_module_is_where_the_interpreter_says(module):
    text = Path(module.__file__).read_text(encoding="utf-8")
    codes = list(codes_in(compile(text, module.__file__, "exec")))
    assert len(codes) > 50
    for code in codes:
        if len(code.co_code) < 2000:  # the time goes up with its square
            assert_every_position(code)


NAMES = st.sampled_from(["a", "größe", "x" * 300])
LEAVES = st.one_of(NAMES, st.integers(0, 9).map(str), st.just("''"))
EXPRESSIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds("({}\n\n + {})".format, inner, inner),
        st.builds("{}({})".format, NAMES, inner),
        st.builds("[{} for a in {} if {}]".format, inner, inner, inner),
        st.builds("(lambda a, *b: ({}))".format, inner),
        st.builds("f'{{{}}}'".format, NAMES),
    ),
    max_leaves=12,
)
BODIES = st.one_of(
    EXPRESSIONS.map("    a = {}".format),
    EXPRESSIONS.map("    for a in {}:\n        pass".format),
    EXPRESSIONS.map("    with {} as a:\n        raise".format),
    EXPRESSIONS.map("    try:\n        {}\n    except a:\n        pass\n    finally:\n        del a".format),
)


@given(st.lists(BODIES, min_size=1, max_size=4), st.integers(0, 1000))
def test_every_instruction_of_any_function_is_where_the_interpreter_says(bodies, lines_before):
    text = "\n" * lines_before + "def f():\n" + "\n".join(bodies)
    for code in codes_in(compile(text, "f.py", "exec")):
        assert_every_position(code)


def test_code_without_columns_has_lines(tmp_path):
    code = compile("a = 1\nb = 2", "f.py", "exec")
    line = code.co_linetable
    plain = code.replace(co_linetable=bytes([0x80 | 13 << 3 | 1, 2, 0x80 | 13 << 3 | 0, 2]))  # lines 2, 2, 3
    assert line != plain.co_linetable
    assert [position(plain.co_linetable, 1, at) for at in range(3)] == list(expected_positions(plain))[:3]
    assert position(plain.co_linetable, 1, 2) == Position(3, -1, 3, -1)


@given(st.binary(max_size=300), st.integers(-(1 << 31), (1 << 31) - 1), st.integers(0, 1 << 40))
def test_a_garbled_table_gives_some_position(table, first_line, instruction):
    where = position(table, first_line, instruction)
    assert isinstance(where, Position)
    assert all(-(1 << 31) <= part < 1 << 50 for part in where)


@given(st.data())
def test_a_table_that_is_cut_off_gives_some_position(data):
    code = dataclasses.dataclass.__code__
    table = code.co_linetable[: data.draw(st.integers(0, len(code.co_linetable)))]
    where = position(table, code.co_firstlineno, data.draw(st.integers(0, 2000)))
    assert where.line >= 0


@pytest.mark.parametrize("byte", [0x00, 0x7F, 0xFF, 0x40, 0xF0, 0xE8])
def test_a_large_table_of_nonsense_takes_no_time(byte):
    begun = time.monotonic()
    position(bytes([0xF0]) + bytes([byte]) * (1 << 18), 1, 1 << 60)
    assert time.monotonic() - begun < 5


def test_an_instruction_behind_the_end_is_in_the_first_line():
    code = compile("a\nb", "f.py", "exec")
    assert position(code.co_linetable, 7, 10_000) == Position(7, -1, 0, -1)
    assert position(b"", 7, 0) == Position(7, -1, 0, -1)


def test_this_interpreter_has_tables_of_the_form_that_is_known():
    """A new form would make every line wrong."""
    assert sys.version_info >= (3, 11)
    assert_every_position(assert_every_position.__code__)
