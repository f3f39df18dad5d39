"""Stacks as the agent sees them."""

from __future__ import annotations

import threading


def lines_of(tables, letter):
    return [line.rstrip("\n").split("\t") for line in tables.lines if line.startswith(letter)]


def two_loops(pause):
    for outer in range(5):
        for inner in ["a", "b", "c", "d"]:
            if outer == 2 and inner == "c":
                pause()
                return


def test_stacks_are_numbered_once_and_outermost_first(stacks, stopped):
    tables = stacks.Tables()
    with stopped(two_loops) as places:
        first = tables.stack_of(places)
        written = len(tables.lines)
        assert tables.stack_of(places) == first
        assert len(tables.lines) == written
        functions = []
        codes = {line[1]: line for line in lines_of(tables, "C")}
        places = {line[1]: line for line in lines_of(tables, "P")}
        nodes = {line[1]: line for line in lines_of(tables, "S")}
        at = str(first)
        while at != "0":
            functions.append(codes[places[nodes[at][3]][2]][3])
            at = nodes[at][2]
    assert functions[-1].endswith("_bootstrap")
    assert "two_loops" in functions
    assert functions.index("two_loops") < functions.index("Thread.run")


def test_a_place_is_the_call_expression_to_the_column(stacks, stopped):
    tables = stacks.Tables()
    with stopped(two_loops) as places:
        tables.stack_of(places)
    code = next(line[1] for line in lines_of(tables, "C") if line[3] == "two_loops")
    (place,) = (line for line in lines_of(tables, "P") if line[2] == code)
    first = two_loops.__code__.co_firstlineno
    line, column, end_line, end_column = map(int, place[3:7])
    assert (line - first, end_line - first) == (4, 4)
    assert end_column - column == len("pause()")


def test_after_a_loss_everything_is_defined_anew_under_new_numbers(stacks, stopped):
    tables = stacks.Tables()
    with stopped(two_loops) as places:
        first = tables.stack_of(places)
        tables.clear()
        again = tables.stack_of(places)
    assert tables.lines[0] == "R\n"
    assert again > first
    assert lines_of(tables, "C") and lines_of(tables, "P")
    assert int(lines_of(tables, "S")[-1][1]) == again


def test_a_name_that_threading_does_not_know_yet_is_asked_for_again(stacks):
    tables = stacks.Tables()
    tables.name(12345)
    assert tables.lines == [] and tables.names == {}
    tables.name(threading.get_ident())
    assert lines_of(tables, "N") == [
        ["N", str(threading.get_ident()), str(threading.get_native_id()), threading.current_thread().name]
    ]
