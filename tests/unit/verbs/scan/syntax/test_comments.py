"""Comments that silence findings: what they are, and what they belong to."""

from __future__ import annotations

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iobound.verbs.scan.syntax.comments import Comments, comments_in
from iobound.verbs.scan.syntax.sources import source_of


def found(text: str) -> Comments:
    return comments_in(source_of(textwrap.dedent(text)))


def covered(text: str) -> list[tuple[int, int]]:
    return [(ignore.first_line, ignore.last_line) for ignore in found(text).ignores]


SPELLINGS = {
    "x  # iobound: ignore": [()],
    "x  # iobound: ignore[IOB201]": [("IOB201",)],
    "x  # iobound:ignore [ iob201,IOB2 , ]": [("IOB201", "IOB2")],
    "x  #iobound: ignore[IOB201] since it is fast": [("IOB201",)],
    "x  # iobound: ignore because it is fast": [()],
    "x  # type: ignore  # iobound: ignore[IOB1]": [("IOB1",)],
    "x  # iobound: ignore[IOB1]  # noqa: IOB2": [("IOB1",), ("IOB2",)],
    "x  # noqa: IOB101": [("IOB101",)],
    "x  # NOQA:E501,IOB101 F401": [("IOB101",)],
    "x  # noqa: E501 IOB101": [("IOB101",)],
    "x  # noqa: E501": [],
    "x  # noqa": [],
    "x  # iobound: ignore[": [],
    "x  # iobound: ignore[IOB201": [],
    "x  # iobound: ignore[]": [],
    "x  # iobound: ignored": [],
    "x  # iobound: ignore-next-line": [],
    "x  # iobound: it waits": [],
    "x = '# iobound: ignore'": [],
    "x = '''\n# iobound: ignore\n'''": [],
}


@pytest.mark.parametrize(("text", "codes"), SPELLINGS.items())
def test_spellings(text: str, codes: list[tuple[str, ...]]) -> None:
    """What silences, and what only looks as if; one that is not closed silences nothing rather than everything."""
    assert [tuple(code.text for code in ignore.codes) for ignore in found(text).ignores] == codes


def test_places_are_those_of_the_directive() -> None:
    """So that it can be removed: without what stands beside it."""
    (ignore,) = found("é = 'é'  # note # iobound: ignore[IOB1, IOB2] why\n").ignores
    assert ignore.span == (1, 16, 1, 45)
    assert [code.span for code in ignore.codes] == [(1, 34, 1, 38), (1, 40, 1, 44)]


def test_a_comment_at_the_end_of_a_statement_belongs_to_all_of_it() -> None:
    """Wherever in the call the finding begins."""
    text = """\
    x = 1
    get(
        a,
        b,
    )  # iobound: ignore
    y = '''
    '''  # iobound: ignore
    z = 1 + \\
        2  # iobound: ignore
    """
    assert covered(text) == [(2, 5), (6, 7), (8, 9)]


def test_a_comment_inside_of_brackets_belongs_to_its_line() -> None:
    """Not to what stands beside it in the call."""
    text = """\
    get(  # iobound: ignore
        a(),
        b(),  # iobound: ignore
    )
    """
    assert covered(text) == [(1, 1), (3, 3)]


def test_a_comment_with_a_line_to_itself_belongs_to_what_follows() -> None:
    """A whole statement; in brackets a line."""
    text = """\
    # iobound: ignore

    get(
        # iobound: ignore
        a(),
    )
    if x:
        # iobound: ignore
        y()
        # iobound: ignore
    z()
    """
    assert sorted(covered(text)) == [(3, 6), (5, 5), (9, 9), (11, 11)]


def test_the_head_of_a_block_is_a_statement() -> None:
    """The body is not silenced."""
    text = """\
    for x in (
        a, b
    ):  # iobound: ignore
        get(x)
    """
    assert covered(text) == [(1, 3)]


def test_a_file_can_be_skipped() -> None:
    """By a comment anywhere, and by no string."""
    assert found("x\n# iobound: skip-file\n").skip_file
    assert found("x  # iobound: skip-file because\n").skip_file
    assert not found("'# iobound: skip-file'\n").skip_file
    assert not found("# iobound: skip-files\n").skip_file


@pytest.mark.parametrize(
    "start", ["print 'x", "x = (", "x = ]", "  y\n x", "'''", "\0", "x = $", "if x:\n\ty\n        z"]
)
def test_a_file_that_does_not_parse_has_comments(start: str) -> None:
    """A skip at its beginning holds whatever follows."""
    assert found(f"# iobound: skip-file\n{start}\n").skip_file


def test_comments_after_a_mistake_are_found() -> None:
    """Where it is sure that they are some."""
    text = "x = 1\n  y = 2\nz\n d\na  # iobound: ignore\nb = '  # iobound: ignore\n# iobound: ignore[IOB1]\n"
    assert (5, 5) in covered(text)


def test_without_the_word_nothing_is_tokenised(monkeypatch: pytest.MonkeyPatch) -> None:
    """Most files have none, and tokens cost more than the tree."""
    import tokenize

    monkeypatch.setattr(tokenize, "generate_tokens", None)
    assert found("x  # noqa: E501\n# some comment\n") == Comments()


@given(
    st.lists(
        st.sampled_from(["x", " ", "\n", "(", ")", '"', "'''", "# iobound: ignore", "# noqa: IOB1", "\\", "[", "  "])
    )
)
def test_any_text_gives_places_in_it(parts: list[str]) -> None:
    """Nothing is raised, and every directive stands where it says."""
    source = source_of("".join(parts))
    for ignore in comments_in(source).ignores:
        line, column, _, end = ignore.span
        assert source.lines[line - 1][column:end].lower().lstrip("# ").startswith(("iobound", "noqa"))
        assert ignore.first_line <= ignore.last_line
