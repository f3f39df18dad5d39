"""What a check says, and what is said of one that cannot be read."""

from __future__ import annotations

import pytest

from iobound.errors import UsageError
from iobound.model.gate import Index, Match, Measure, Name, Number
from iobound.verbs import gate, report

RUN = gate.of_run(report.schema())


def names(*path: str) -> tuple[Name, ...]:
    return tuple(map(Name, path))


@pytest.mark.parametrize(
    ("text", "measure", "operator", "asked"),
    [
        ("bound=io", Measure("", names("verdict", "bound")), "=", "io"),
        (" wait_sleep  <  5 % ", Measure("", names("states", "wait_sleep")), "<", Number(5.0, "%")),
        ("speed_up.low>=2", Measure("max", names("advice", "speed_up", "estimate", "low")), ">=", Number(2.0)),
        ("advice[0].speed_up > 2", Measure("", (Name("advice"), Index(0), *names("speed_up", "estimate"))), ">",
         Number(2.0)),
        ("waits[db:5432].count<=10", Measure("", (Name("waits"), Match("target", ("db:5432",)), Name("count"))), "<=",
         Number(10.0)),
        ("waits['db *'][state=wait_*].wall_s<.5s",
         Measure("", (Name("waits"), Match("target", ("db ", "")), Match("state", ("wait_", "")), Name("wall_s"))),
         "<", Number(0.5, "s")),
        ("count( findings[IOB201] ) == 0", Measure("count", (Name("findings"), Match("rule", ("IOB201",)))), "==",
         Number(0.0)),
        (r'cwd != "a\"\u0007\\"', Measure("", names("cwd")), "!=", 'a"\a\\'),
        ("sites[function=<module>].calls<1e3", Measure("", (Name("sites"), Match("function", ("<module>",)),
         Name("calls"))), "<", Number(1000.0)),
        ("totals.peak_rss_bytes < 1.5GiB", Measure("", names("totals", "peak_rss_bytes")), "<", Number(1.5, "GiB")),
        ("interpreter.gil_enabled=true", Measure("", names("interpreter", "gil_enabled")), "=", "true"),
        ("sum(states[wait_*])<1", Measure("sum", (Name("states"), Match("", ("wait_", "")))), "<", Number(1.0)),
    ],
)  # fmt: skip
def test_a_check_says_what_it_looks_at_and_what_it_asks(text, measure, operator, asked) -> None:
    """Short names stand for paths; spaces do not matter."""
    found = gate.parse(text, RUN)
    assert (found.measure, found.operator, found.asked) == (measure, operator, asked)
    assert found.text == text.strip()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("wait_slep <¦< 0.1", "expected a number"),
        ("¦wait_slep<0.1", "did you mean wait_sleep"),
        ("¦voluntary<3", "did you mean totals.context_switches.voluntary"),
        ("waits[x].¦cont<3", "did you mean count?"),
        ("waits[¦stat=x].count<3", "did you mean state?"),
        ("waits[¦state=wait_slep].count<3", "state is never that"),
        ("states[¦wait_slep]<3", "nothing in states"),
        ("wait_sleep<0.1¦x", "no unit"),
        ("wait_sleep<¦1e999", "too large"),
        ("wait_sleep<-¦1e999", "too large"),
        ("wait_sleep<¦nan", "expected a number"),
        ("wait_sleep<¦-inf", "expected a number"),
        ('wait_sleep<¦"5"', "expected a number"),
        ("wall_s<5¦%", "no unit of time"),
        ("loop_blocked<5¦%", "this is a count"),
        ("waits[x].count<5 ¦s", "this is a count"),
        ("cpu_python<5¦s", "not measured in s"),
        ("totals.read_bytes<5¦MB", "no unit"),
        ("totals.read_bytes<5¦%", "no unit of bytes"),
        ("wait_sleep<¦5", "a share is at most 1"),
        ("wait_sleep.high<¦500%", "always so: the number is at most 1"),
        ("unknown<=¦100%", "always so: the number is at most 1"),
        ("wait_sleep>¦1", "never so: the number is at most 1"),
        ("wait_sleep<¦0", "never so: the number is at least 0"),
        ("wall_s>=¦0", "always so: the number is at least 0"),
        ("loop_blocked!=¦-1", "always so: the number is at least 0"),
        ("count(findings)>=¦0", "always so: the number is at least 0"),
        ("sum(waits.count)<¦0", "never so: the number is at least 0"),
        ("max(advice.speed_up)>¦-1", "always so: the number is at least 0"),
        ("wait_sleep=¦0.2", "hardly ever exactly that"),
        ("wait_sleep!=¦97%", "hardly ever exactly that"),
        ("sum(waits.wall_s)=¦2s", "hardly ever exactly that"),
        ("speed_up!=¦2", "hardly ever exactly that"),
        ("bound¦>io", "compare it with = or !="),
        ("bound=¦fast", "never that"),
        ("bound=io ¦gil", "expected the end"),
        ("cwd=3¦ s", "expected the end"),
        ("interpreter.gil_enabled=¦yes", "never that"),
        ("bound¦", "expected a comparison"),
        ("bound=¦", "expected a number or a word"),
        ("¦", "expected a name"),
        ("¦3<wall_s", "expected a name"),
        ("waits[¦", "expected a number or a text"),
        ("waits¦[a", "never closed"),
        ("waits[¦'a].count<3", "never closed"),
        (r"waits['¦\x41'].count<3", "no escape"),
        (r"waits['a¦\ud8'].count<3", "no escape"),
        (r"waits['¦\x'].count<3", "no escape"),
        ("waits[0¦=1].count<3", "expected ] here"),
        ("waits[¦9999999999].count<3", "so many items"),
        ("wall_s[¦0]<3", "only a list"),
        ("wall_s[¦x]<3", "only items of a list"),
        ("totals[¦x]=no", "nothing in totals"),
        ("interpreter[¦*]=3", "several kinds"),
        ("waits.¦<3", "expected a name after the point"),
        ("wall_s.¦low<3", "no interval"),
        ("wall_s.¦x<3", "wall_s is a number"),
        ("states.wait_sleep.low.¦low<3", "no interval"),
        ("advice[0].speed_up.low.¦high<3", "no interval"),
        ("¦waits<3", "this is a list"),
        ("¦verdict=3", "this is an object"),
        ("¦total(waits.count)<3", "count, sum, max, min"),
        ("sum(waits.count¦<3", "expected ) here"),
        ("sum(¦)<3", "expected a name"),
        ("¦sum(waits.target)<3", "wants numbers"),
        ("¦count(wall_s)<3", "wants a list"),
        ("¦max(speed_up)<3", "one number already"),
        ("predictions[¦site].low<3", "never that"),
        ("a¦\x1b[31m<3", "cannot be shown"),
        ("cwd='¦\ud800'", "cannot be shown"),
        ("¦__import__('os').system('touch ran')", "no function is called so"),
    ],
)
def test_a_check_that_cannot_be_read_shows_where(text: str, says: str) -> None:
    """With a caret under the character that is wrong, which a bar stands before here."""
    at, text = text.index("¦"), text.replace("¦", "")
    with pytest.raises(UsageError) as caught:
        gate.parse(text, RUN)
    shown, pointed = caught.value.excerpt
    assert shown[2 : 2 + at] == text[:at]
    assert pointed.index("^") == 2 + at
    assert says in pointed
    assert caught.value.hint


@pytest.mark.parametrize(
    "text",
    [
        "wait_sleep<0.999", "wait_sleep<=0", "wait_sleep>0", "wait_sleep=0", "loop_blocked_s!=0", "sum(states[*])>1.5",
        "exit_code!=-1", "exit_code<0", "sum(waits.count)=7", "count(waits)!=3", "machine.cpus>=2", "wall_s<1e9",
    ],
)  # fmt: skip
def test_a_limit_that_can_be_kept_to_and_broken_is_one(text: str) -> None:
    """Also one that says `none at all`, or is a whole number."""
    assert gate.parse(text, RUN).text == text


@pytest.mark.parametrize(
    ("text", "hint"), [("wait_sleep<5", "write 5%"), ("share>90", "write 90%"), ("share>101", "from 0 to 100")]
)
def test_a_share_that_was_meant_in_percent_is_shown_how(text: str, hint: str) -> None:
    """`5` would be 500 %."""
    with pytest.raises(UsageError) as caught:
        gate.parse(text, RUN)
    assert caught.value.hint is not None
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("text", "is_read"),
    [
        ("wall_s.change > 10", False), ("wall_s.surely > 1", False), ("states.wait_network.change > 5", False),
        ("max(waits.each_s.change) > 50", False), ("wall_s.change > 10%", True), ("wall_s.change > 0.1", True),
        ("wall_s.change > 1000%", True), ("waits[db].count.after > 10", True), ("count(waits[change=new]) > 3", True),
    ],
)  # fmt: skip
def test_a_change_of_one_and_more_wants_a_unit(text: str, is_read: bool) -> None:
    """`10` is ten times as much again, and was meant as 10 %."""
    vocabulary = gate.of_comparison(report.comparison_schema())
    if is_read:
        assert gate.parse(text, vocabulary).text == text
        return
    with pytest.raises(UsageError) as caught:
        gate.parse(text, vocabulary)
    assert "a change of" in caught.value.excerpt[1]
    assert "where it is meant" in (caught.value.hint or "")
