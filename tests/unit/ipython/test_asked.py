"""What stands on the line of a magic."""

from __future__ import annotations

from pathlib import Path

import pytest

from iobound import pipeline
from iobound.errors import UsageError
from iobound.ipython.asked import HelpAsked, Wanted, asked, read


@pytest.mark.parametrize(
    ("line", "statement"),
    [
        ("f()", "f()"),
        ("  f(a,  'b  c')  ", "f(a,  'b  c')  "),
        ("-w 4 f(x)", "f(x)"),
        ("-w4 -q f(x)", "f(x)"),
        ("--workers=4 'text' + s", "'text' + s"),
        ("-o -- -x", "-x"),
        ("-1 + 2", "-1 + 2"),
        ("-q -x.y()", None),
        ("", ""),
    ],
)
def test_the_statement_is_what_was_written(line: str, statement: str | None) -> None:
    """Only the options before it are taken away; one that begins with a sign stands behind `--`, or with a digit."""
    if statement is None:
        with pytest.raises(UsageError):
            read(line)
    else:
        assert read(line)[1] == statement


def test_every_option_is_read(tmp_path: Path) -> None:
    """Short and long, with values behind a blank or an equals sign, in quotes where they hold blanks."""
    kept = tmp_path / "a b.iob"
    line = (
        f'-w 8 --workers 2 -r json:{tmp_path}/r.json -r text -o --quiet --save "{kept}" --rate=50 --max-overhead 0.05'
    )
    wanted, statement = read(line)
    assert statement == ""
    assert wanted == Wanted(
        workers=(2, 8),
        reports=(pipeline.ReportWish("json", f"{tmp_path}/r.json"), pipeline.ReportWish("text")),
        gives_report=True,
        quiet=True,
        save=str(kept),
        rate=50.0,
        max_overhead=0.05,
    )


def test_without_options_all_is_as_for_run() -> None:
    """The same pool sizes, rate and overhead."""
    assert read("f()")[0] == Wanted() == Wanted(workers=pipeline.WORKERS, rate=150.0, max_overhead=0.01)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("--wrong", "no option is called --wrong"),
        ("-z f()", "no option is called -z"),
        ("-w 0 f()", "'0' is not a whole number from 1 to 1000000"),
        ("-w many f()", "'many' is not a whole number"),
        ("-w", "expected one argument"),
        ("--rate nan f()", "'nan' is not a number of looks per second from 0.01 to 1000"),
        ("--max-overhead 2 f()", "'2' is not a share above 0 and up to 1"),
        ("-r nope f()", "no report format is called 'nope'"),
        ("-r json: f()", "names no file"),
        ("-r json:/no/such/folder/x.json f()", "/no/such/folder"),
        ("--save /no/such/folder/x.iob f()", "/no/such/folder"),
    ],
)
def test_a_wrong_option_is_told_with_its_value(line: str, told: str) -> None:
    """And with what to do next."""
    with pytest.raises(UsageError, match=r".*") as caught:
        read(line)
    assert told in caught.value.message
    assert caught.value.hint


def test_help_is_an_answer() -> None:
    """It names every option."""
    with pytest.raises(HelpAsked) as caught:
        read("--help")
    for option in ("--workers", "--report", "-o", "--quiet", "--save", "--rate", "--max-overhead", "%%iobound"):
        assert option in str(caught.value)


@pytest.mark.parametrize(
    ("cell", "body"),
    [
        ("%%iobound\nf()\ng()\n", "\nf()\ng()\n"),
        ("%%iobound -w 4\n\nf()", "\n\nf()"),
        ("%%iobound\n%%time\nf()\n", "%%time\nf()\n"),
        ("%iobound f()\n", "f()\n"),
        ("%iobound -q await f()\n\n", "await f()\n"),
        ("%%iobound\n", None),
        ("%%iobound f()\ng()\n", None),
        ("%%iobound --wrong\nf()\n", None),
        ("%%iobound --help\nf()\n", None),
        ("%%iobounds\nf()\n", None),
        ("%%iobound?\nf()\n", None),
        ("%iobound f()\ng()\n", None),
        ("%iobound\n", None),
        ("x = %iobound f()\n", None),
        ("iobound\n", None),
        ("", None),
    ],
)
def test_a_cell_that_is_one_magic_is_run_by_ipython_itself(cell: str, body: str | None) -> None:
    """Line for line as it was typed; whatever is wrong, or is only a part of a cell, is left to the magic."""
    found = asked(cell.splitlines(keepends=True))
    assert (None if found is None else "".join(found.body)) == body
