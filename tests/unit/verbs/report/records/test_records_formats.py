"""What platforms read of runs, suites and scans: each story is held against a reader of the platform's own grammar."""

from __future__ import annotations

import json

import jsonschema
import platform_readers as readers
import pytest
import xmlschema
from comparison_stories import STORIES as COMPARISONS
from finding_stories import LOOP, RULES
from finding_stories import STORIES as SCANS
from stories import CWD, STORIES
from suite_story import EVIL, findings

from iobound.errors import UnknownFormat
from iobound.model.diagnosis import Advice, Check, CheckPlace
from iobound.model.finding import Confidence, Finding, ScanResult, Severity, Span
from iobound.model.prediction import Estimate, Strategy
from iobound.model.source_facts import FindingFact, SourceFacts
from iobound.verbs import compare, report
from iobound.verbs.report.records import markdown
from iobound.verbs.report.records.record import Kind, Listing, Record

STYLE = report.TextStyle(unicode=True)
ROOTS = report.Roots(CWD, CWD)
CHECKS = (
    Check("wait_sleep<0.1", True, "0", "wait_sleep<0.1: wait_sleep is 0"),
    Check("unknown<0.1", False, None, "unknown<0.1: unknown is not measurable here"),
)


def of_run(diagnosis, rules=RULES):
    """A run as a listing."""
    return report.listing_of_run(diagnosis, roots=ROOTS, rules=rules)


def of_comparison(name):
    """A comparison as a listing."""
    return report.listing_of_comparison(compare.compare(*COMPARISONS[name]())._replace(checks=CHECKS), roots=ROOTS)


LIBRARY = "/usr/lib/python3.13/site-packages/vendored/client.py"


def foreign(name):
    """A run in which all that is told stands in a library."""
    run = STORIES[name]()
    breakdown, facts = run.breakdown, run.recording.facts
    loops = tuple(
        loop._replace(blocks=tuple(block._replace(file=LIBRARY) for block in loop.blocks))
        for loop in breakdown.event_loops
    )
    breakdown = breakdown._replace(
        event_loops=loops,
        sites=tuple(site._replace(file=LIBRARY) for site in breakdown.sites),
        hotspots=tuple(spot._replace(file=LIBRARY) for spot in breakdown.hotspots),
        waits=tuple(wait._replace(file=LIBRARY) for wait in breakdown.waits),
    )
    facts = facts._replace(findings=tuple(each._replace(file=LIBRARY) for each in facts.findings))
    failed = CHECKS[1]._replace(places=(CheckPlace(LIBRARY, 7, "call"),))
    return run._replace(breakdown=breakdown, recording=run.recording._replace(facts=facts), checks=(failed,))


def foreign_suite():
    """A suite in which a library holds the event loop up."""
    found = findings()
    tests = tuple(
        test._replace(blocks=tuple(block._replace(file=LIBRARY) for block in test.blocks)) for test in found.tests
    )
    return found._replace(tests=tests, checks=(CHECKS[1]._replace(places=(CheckPlace(LIBRARY, 7, "call"),)),))


LISTINGS = {
    **{f"foreign_{name}": (lambda name=name: of_run(foreign(name))) for name in ("sequential_io", "asyncio_blocked")},
    "foreign_module": lambda: of_run(
        foreign("cpu")._replace(recording=foreign("cpu").recording._replace(command=("-m", "vendored.client")))
    ),
    "foreign_suite": lambda: report.listing_of_suite(foreign_suite(), roots=report.Roots("/p", "/p")),
    **{name: (lambda name=name: of_run(STORIES[name]())) for name in STORIES},
    "checked": lambda: of_run(STORIES["sequential_io"]()._replace(checks=CHECKS)),
    "suite": lambda: report.listing_of_suite(findings()._replace(checks=CHECKS), roots=report.Roots("/p", "/p")),
    "lost": lambda: report.listing_of_suite(findings(lost="nothing to look with"), roots=report.Roots("/p", "/p")),
    "hostile": lambda: report.listing_of_suite(findings(EVIL)._replace(checks=CHECKS), roots=report.Roots("/p", "/p")),
    **{f"compare_{name}": (lambda name=name: of_comparison(name)) for name in COMPARISONS},
    **{
        f"scan_{name}": (lambda name=name: report.listing_of_scan(SCANS[name](), roots=report.Roots("/p/web", "/p")))
        for name in SCANS
    },
}


def written(listing, format):
    """A listing in one format."""
    return report.render_listing(listing, format, style=STYLE)


@pytest.mark.parametrize("name", LISTINGS)
def test_github_understands_every_annotation(name):
    """At most eight, then how many more there are."""
    found = readers.annotations(written(LISTINGS[name](), "github"))
    assert len(found) <= 9
    assert all(each.properties["title"] and each.message for each in found)


@pytest.mark.parametrize("name", LISTINGS)
def test_gitlab_takes_every_issue(name):
    """With unique fingerprints, and paths of the project; what holds is no issue."""
    listing = LISTINGS[name]()
    issues = readers.code_quality(written(listing, "gitlab"))
    assert len(issues) == len([record for record in listing.records if not record.passed])


@pytest.mark.parametrize("name", LISTINGS)
def test_jenkins_takes_every_suite(name):
    """By the schema that its xUnit plugin refuses files for."""
    listing = LISTINGS[name]()
    root = readers.junit(written(listing, "junit"))
    assert len([*root.iter("failure")]) == sum(record.fails for record in listing.records)


@pytest.mark.parametrize("name", LISTINGS)
def test_sarif_is_what_code_scanning_takes(name):
    """By the official schema, and by what GitHub asks for besides."""
    readers.sarif(written(LISTINGS[name](), "sarif"))


@pytest.mark.parametrize(
    "line",
    [
        "error: nothing", "::error file=a.py,line=0::x", "::error line=3::x",
        "::warning file=a.py,line=1,endLine=2,col=3::x",
        "::error titel=x::y", "::error file=a,file=b::y", "::notice title=100%::y", "::notice title=a::50 % of it",
        "::set-output name=a::b", "::error file=/usr/lib/a.py,line=3::x",
    ],
)  # fmt: skip
def test_the_reader_of_annotations_refuses_what_is_wrong(line):
    """A parser that takes everything would be no test."""
    with pytest.raises((readers.NotUnderstood, KeyError)):
        readers.annotations(line)


@pytest.mark.parametrize("change", [{"path": "/abs.py"}, {"path": ""}, {"lines": {"begin": 0}}, {"path": "./a.py"}])
def test_the_reader_of_code_quality_refuses_what_is_wrong(change):
    """Of places, and of fingerprints that are not unique."""
    issue = json.loads(written(LISTINGS["cpu"](), "gitlab"))[0]
    readers.code_quality(json.dumps([issue]))
    with pytest.raises(readers.NotUnderstood):
        readers.code_quality(json.dumps([issue, issue]))
    with pytest.raises(readers.NotUnderstood):
        readers.code_quality(json.dumps([{**issue, "location": {**issue["location"], **change}}]))


def test_the_reader_of_junit_refuses_what_is_wrong():
    """A property of a case, for one, which many writers have."""
    text = written(LISTINGS["checked"](), "junit")
    with pytest.raises(xmlschema.XMLSchemaValidationError):
        readers.junit(text.replace("<system-out>", "<properties /><system-out>", 1))
    with pytest.raises(readers.NotUnderstood):
        readers.junit(text.replace('failures="1"', 'failures="7"', 1))


def test_the_reader_of_sarif_refuses_what_is_wrong():
    """A result without a place would have the whole file refused."""
    log = json.loads(written(LISTINGS["cpu"](), "sarif"))
    log["runs"][0]["results"][0]["locations"] = []
    with pytest.raises((IndexError, jsonschema.ValidationError)):
        readers.sarif(json.dumps(log))


def test_an_unknown_format_names_those_that_there_are():
    """So that the reader can go on."""
    with pytest.raises(UnknownFormat) as problem:
        written(LISTINGS["cpu"](), "text")
    assert "sarif" in (problem.value.hint or "")


@pytest.mark.parametrize(
    ("count", "on_page", "told"),
    [
        (50, True, "42 more findings in the summary of this step"),
        (51, True, "43 more findings: the worst 50 are in the summary of this step, `--report json:FILE` has all"),
        (50, False, "42 more findings: `--report json:FILE` has all"),
    ],
)
def test_annotations_say_where_the_others_are(count, on_page, told):
    """Nowhere that they are not."""
    listing = report.listing_of_scan(scan_with(count))._replace(on_page=on_page)
    assert readers.annotations(written(listing, "github"))[-1].message == told


def test_a_suite_has_an_option_of_its_own():
    """`--report` is none of pytest's."""
    listing = LISTINGS["suite"]()
    text = written(listing._replace(records=listing.records * 9), "github")
    assert readers.annotations(text)[-1].message.endswith(": `--iobound-report json:FILE` has all")


@pytest.mark.parametrize("most", range(900, 3_500, 37))
def test_markdown_is_cut_where_nothing_is_open(most):
    """Not in code, whose lines may look like rows and ends of folds, nor in a fold: both would swallow the remark."""
    code = "\n".join(["table = [", "| a | b |", "</details>", "```", "]"] * 4)
    records = [
        Record("IOB1", Severity.INFO, "found", f"{number:032}", path="a.py", line=number, suggestion=code)
        for number in range(1, 19)
    ]
    lines = markdown.render(Listing(Kind.SCAN, ("Found 18",), tuple(records)), STYLE).splitlines()
    text = markdown.cut(lines, most, "`--report json:FILE` has all")
    assert len(text.encode()) <= most
    kept, remark = text.removesuffix("\n").rsplit("\n\n", 1)
    assert remark == "*Cut here: `--report json:FILE` has all.*"
    kept = kept.splitlines()
    assert kept == lines[: len(kept)]
    fences = [line for line in kept if line.startswith("````")]
    assert len(fences) % 2 == 0 and fences[1::2] == ["````"] * (len(fences) // 2)
    assert kept.count("</details>") - 4 * (len(fences) // 2) == sum(line.startswith("<details>") for line in kept)


def test_what_must_not_be_of_a_suite_is_told_so():
    """`wait_sleep>5%: wait_sleep is 13.9 %` alone reads as if it held."""
    asked = Check("wait_sleep>5%", False, "0.139", "wait_sleep>5% must not be: wait_sleep is 13.9 %")
    listing = report.listing_of_suite(findings()._replace(checks=(asked,)), roots=report.Roots("/p", "/p"))
    assert "check: failed: wait_sleep>5% must not be: wait_sleep is 13.9 %" in written(listing, "log").splitlines()
    for format in ("github", "gitlab", "junit", "markdown", "sarif"):
        assert "must not be" in written(listing, format)


def test_a_check_fails_or_passes_as_a_test_and_is_only_shown_in_source_when_it_fails():
    """A code host has nothing to say of what holds."""
    listing = LISTINGS["checked"]()
    root = readers.junit(written(listing, "junit"))
    cases = {case.get("name"): case.find("failure") is None for case in root.iter("testcase")}
    assert cases["check wait_sleep<0.1"]
    assert not cases["check unknown<0.1"]
    for format in ("github", "gitlab", "sarif"):
        text = written(listing, format)
        assert "not measurable here" in text
        assert "wait_sleep<0.1" not in text
    first = readers.annotations(written(listing, "github"))[0]
    assert (first.command, first.properties["title"]) == ("error", "check failed")
    markdown = written(listing, "markdown")
    assert "`wait_sleep<0.1`" in markdown and "`unknown<0.1`" in markdown


@pytest.mark.parametrize("name", ["checked", "suite", "scan_mixed", "compare_regression"])
def test_markdown_tells_a_check_once(name):
    """One that failed in the table of what is the matter, one that passed below it."""
    listing = LISTINGS[name]()
    if name == "scan_mixed":
        listing = report.listing_of_scan(SCANS["mixed"]()._replace(checks=CHECKS))
    text = written(listing, "markdown")
    assert text.count("not measurable here") == 1
    assert text.count("`wait_sleep<0.1`") == 1
    assert text.index("not measurable here") < text.index("**Checks that passed**") < text.index("`wait_sleep<0.1`")


def advised(*estimates):
    """A run with advice that gains so much, each at a site of its own."""
    run = STORIES["sequential_io"]()
    [site] = run.breakdown.sites
    sites = tuple(site._replace(line=100 + number, function=f"f{number}") for number in range(len(estimates)))
    advice = tuple(
        Advice(Strategy.THREADS, 8, number, estimate, "they wait") for number, estimate in enumerate(estimates)
    )
    facts = run.recording.facts._replace(findings=())
    return run._replace(
        recording=run.recording._replace(facts=facts),
        breakdown=run.breakdown._replace(sites=sites, finding_ns=()),
        advice=advice,
    )


@pytest.mark.parametrize(
    ("estimate", "severity"),
    [
        (Estimate(2.0, 1.5, 2.5), Severity.WARNING),
        (Estimate(2.0, 1.0, 2.5), Severity.INFO),
        (Estimate(1.1, 0.9, 1.3), Severity.INFO),
        (Estimate(40.0, 30.0, 50.0), Severity.WARNING),
    ],
)
def test_advice_warns_where_the_whole_interval_gains_and_never_is_an_error(estimate, severity):
    """A program is not broken because it could be faster."""
    [record] = of_run(advised(estimate)).records
    assert (record.rule, record.severity, record.fails) == ("advice-threads", severity, False)


def test_the_highest_gain_comes_first_and_the_rest_is_counted():
    """Of eleven, eight are shown; what the report itself advises first is before them all."""
    gains = [2.5, 1.5, 9.0, 3.0, 2.0, 4.0, 5.0, 6.0, 7.0, 8.0, 1.6]
    text = written(of_run(advised(*(Estimate(gain, gain, gain) for gain in gains))), "github")
    titles = [each.properties["title"] for each in readers.annotations(text)]
    assert [title.split()[-3] for title in titles[:-1]] == ["2.5", "9.0", "8.0", "7.0", "6.0", "5.0", "4.0", "3.0"]
    assert "3 more findings" in readers.annotations(text)[-1].message


def prints(diagnosis):
    """Fingerprints by rule, file and function."""
    return {
        (record.rule, record.path, record.function, record.case): record.fingerprint
        for record in of_run(diagnosis).records
    }


def test_fingerprints_outlive_lines_and_whatever_was_measured():
    """A host that shows an alert again because a number changed is soon not read."""
    one, other = (
        advised(Estimate(2.0, 1.5, 2.5), Estimate(3.0, 2.5, 3.5)),
        advised(Estimate(4.0, 3.5, 4.5), Estimate(1.2, 0.8, 1.4)),
    )
    sites = tuple(site._replace(line=site.line + 50, wall_ns=7) for site in other.breakdown.sites)
    other = other._replace(breakdown=other.breakdown._replace(sites=sites))
    assert prints(one) == prints(other)
    assert len(set(prints(one).values())) == 2


def test_two_of_one_function_are_numbered_by_their_lines():
    """Not by their gain, which may be the other way around in the next run."""

    def at_lines(first, second):
        run = advised(Estimate(first, first, first), Estimate(second, second, second))
        sites = tuple(site._replace(function="main") for site in run.breakdown.sites)
        return {
            record.line: record.fingerprint
            for record in of_run(run._replace(breakdown=run.breakdown._replace(sites=sites))).records
        }

    assert at_lines(2.0, 3.0) == at_lines(3.0, 2.0)
    assert len(set(at_lines(2.0, 3.0).values())) == 2


def test_a_finding_that_was_seen_running_has_its_share_and_its_own_severity():
    """What did not run is only counted."""
    listing = of_run(STORIES["sequential_io"]())
    rules = {record.rule: record for record in listing.records}
    assert rules["IOB201"].numbers["share"] == pytest.approx(0.96, abs=0.01)
    assert (rules["IOB201"].severity, rules["IOB712"].severity) == (Severity.WARNING, Severity.INFO)
    assert not {"IOB301", "IOB801"} & set(rules)
    assert any(remark.startswith("2 findings on lines that were not seen running") for remark in listing.remarks)


def test_waits_are_pointed_at_where_there_is_nothing_better():
    """Else they stand in the table, for advice says more at the same place."""
    run = advised()._replace(advice=())
    assert [record.rule for record in of_run(run).records] == ["wait-network"]
    assert not any(record.rule.startswith("wait-") for record in of_run(STORIES["sequential_io"]()).records)


def test_the_worst_place_of_an_event_loop_has_the_advice():
    """One annotation at the line, not two that say the same."""
    [record] = of_run(STORIES["asyncio_blocked"]()).records
    assert (record.rule, record.line, record.function) == ("loop-blocked", 24, "crawl")
    assert "2.1 × (1.6..2.2)" in record.title
    assert record.numbers["times"] == 18


def test_a_recording_of_another_machine_names_files_from_where_it_was_run():
    """Its folders are not those of the repository here."""
    listing = report.listing_of_run(STORIES["sequential_io"](), roots=report.Roots("/ci/work", "/ci/work"))
    assert {record.path for record in listing.records} == {"download_all.py"}


def test_code_that_was_typed_in_is_at_no_file():
    """And still makes documents that are taken."""
    run = advised(Estimate(2.0, 1.5, 2.5))
    sites = tuple(site._replace(file="<string>") for site in run.breakdown.sites)
    run = run._replace(breakdown=run.breakdown._replace(sites=sites, hotspots=(), waits=()))
    run = run._replace(recording=run.recording._replace(command=("-c", "x")))
    listing = of_run(run)
    [record] = listing.records
    assert (record.path, record.place) == ("", "<string>:100")
    sarif = readers.sarif(written(listing, "sarif"))
    assert sarif["results"] == []
    assert "run it on 8 threads" in str(sarif["invocations"])
    readers.code_quality(written(listing, "gitlab"))
    assert "file" not in readers.annotations(written(listing, "github"))[0].properties


def run_with(count):
    """A run in which so many findings were seen running."""
    run = STORIES["sequential_io"]()
    message = "`requests.get` waits for the network once per url, one after the other"
    found = tuple(
        FindingFact("IOB201", f"{CWD}/app/module_{number}.py", 3, 4, 3, 20, "warning", message, "let them overlap")
        for number in range(count)
    )
    return run._replace(
        recording=run.recording._replace(facts=SourceFacts(findings=found)),
        breakdown=run.breakdown._replace(finding_ns=tuple(100_000_000 + number for number in range(count))),
    )


def scan_with(count):
    """A scan with so many findings."""
    found = tuple(
        Finding("IOB201", f"app/module_{number}.py", Span(3, 4, 3, 20), Severity.WARNING, Confidence.HIGH, LOOP.message)
        for number in range(count)
    )
    return ScanResult(found, RULES, count, count)


@pytest.mark.parametrize("kind", ["run", "scan"])
def test_what_limits_do_to_two_hundred_findings(kind):
    """As docs/reports.md tells: what is not shown is counted, and where nothing limits it everything is there."""
    listing = of_run(run_with(200)) if kind == "run" else report.listing_of_scan(scan_with(200))
    whole = len(listing.records)
    assert whole == 200 + (kind == "run")
    shown = readers.annotations(written(listing, "github"))
    assert len(shown) == 9
    assert shown[-1].message == f"{whole - 8} more findings: `--report json:FILE` has all"
    assert len(readers.code_quality(written(listing, "gitlab"))) == whole
    assert len(readers.sarif(written(listing, "sarif"))["results"]) == whole
    assert len([*readers.junit(written(listing, "junit")).iter("testcase")]) == whole + (kind == "run")
    for text in (written(listing, "markdown"), report.summary_of_listing(listing)):
        assert text.count("\n| warning |") == 50
        assert f"{whole - 50} more findings not shown: these are the worst 50; `--report json:FILE` has all." in text
        assert len(text.encode()) < 60_000


@pytest.mark.parametrize("name", ["checked", "suite", "compare_regression"])
def test_markdown_has_a_marker_for_each_kind(name):
    """So that the comments of a scan and of a run are kept apart; a page of a step needs none."""
    listing = LISTINGS[name]()
    assert written(listing, "markdown").startswith(
        f"<!-- iobound:{listing.of.value} -->\n### iobound {listing.of.value}\n"
    )
    assert "<!--" not in report.summary_of_listing(listing)
