"""The JSON report keeps its promise to scripts."""

from __future__ import annotations

import json
import math

import jsonschema
import pytest
from stories import STORIES

from iobound.model.state import State
from iobound.verbs import report
from iobound.verbs.report import as_json

STYLE = report.TextStyle()
PROMISED = (
    "schema iobound created command cwd exit_code signal interpreter machine capabilities overhead wall_s cpu_s states "
    "intervals processes phases verdict advice predictions sites hotspots waits evidence findings event_loops"
).split()


def document_of(diagnosis):
    """The report as a script reads it."""
    return json.loads(report.render(diagnosis, "json", style=STYLE))


@pytest.fixture(params=STORIES)
def document(request):
    """Every story's report."""
    return document_of(STORIES[request.param]())


def states_in(value):
    """Every `states` object in a document, however deep."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key == "states":
                yield item
            yield from states_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from states_in(item)


def test_the_schema_is_a_schema():
    """And it is the one that the document names."""
    jsonschema.Draft202012Validator.check_schema(report.schema())
    assert report.schema()["title"] == as_json.SCHEMA


def test_every_story_keeps_to_the_schema(document):
    """Keys, types, and nothing that is not described."""
    jsonschema.Draft202012Validator(report.schema()).validate(document)


@pytest.mark.parametrize("key", PROMISED)
def test_a_report_without_a_promised_key_is_refused(key):
    """The schema really asks for each key."""
    document = document_of(STORIES["cpu"]())
    del document[key]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, report.schema())


def test_shares_of_all_states_add_up_to_1(document):
    """Wherever they stand."""
    found = list(states_in(document))
    assert found
    for states in found:
        assert list(states) == [state.value for state in State]
        assert math.fsum(states.values()) == pytest.approx(1, abs=1e-6)


def test_what_is_not_known_is_null():
    """Never 0."""
    document = document_of(STORIES["inconclusive"]())
    assert document["exit_code"] is None
    assert document["machine"]["memory_bytes"] is None
    assert document["totals"]["read_bytes"] is None
    assert document_of(STORIES["gil_queue"]())["sites"][0]["calls"] is None


def test_what_is_no_number_is_null():
    """JSON has no infinity."""
    diagnosis = STORIES["cpu"]()
    endless = diagnosis.predictions[0]._replace(site_speed_up=math.inf)
    document = document_of(diagnosis._replace(predictions=(endless,)))
    assert document["predictions"][0]["site_speed_up"] is None


def test_an_interval_that_was_not_computed_is_null():
    """Every state has its place all the same."""
    diagnosis = STORIES["cpu"]()
    bare = diagnosis._replace(breakdown=diagnosis.breakdown._replace(intervals={}))
    assert document_of(bare)["intervals"] == {state.value: None for state in State}


def test_paths_are_relative_to_the_working_directory():
    """Those below it; others stay absolute."""
    document = document_of(STORIES["sequential_io"]())
    assert document["sites"][0]["file"] == "download_all.py"
    assert document["hotspots"][0]["file"] == "download_all.py"


def test_phases_without_a_verdict_of_their_own_have_none():
    """Null, not a guess."""
    diagnosis = STORIES["asyncio_blocked"]()._replace(phase_bounds=())
    assert [phase["bound"] for phase in document_of(diagnosis)["phases"]] == [None, None]


def test_a_run_of_no_length_has_no_shares_of_it():
    """Nothing is divided by zero."""
    diagnosis = STORIES["inconclusive"]()
    recording = diagnosis.recording._replace(end_ns=diagnosis.recording.start_ns)
    assert document_of(diagnosis._replace(recording=recording))["overhead"]["share"] is None


def test_only_plain_data_has_a_place():
    """A mistake of ours is loud."""
    with pytest.raises(TypeError, match="object"):
        as_json.encode({"x": object()})


def test_findings_have_their_share_or_null_where_nothing_ran():
    """Largest first, paths as in the rest of the report."""
    findings = document_of(STORIES["sequential_io"]())["findings"]
    assert [(finding["rule"], finding["line"], finding["share"]) for finding in findings] == [
        ("IOB201", 30, pytest.approx(0.96, abs=0.001)),
        ("IOB712", 19, pytest.approx(0.03, abs=0.001)),
        ("IOB301", 44, None),
        ("IOB801", 46, None),
    ]
    assert {finding["file"] for finding in findings} == {"download_all.py"}
    assert findings[0]["message"] == "each of these calls of `download` waits for the one before"


def test_a_finding_without_a_share_is_refused():
    """The schema asks for it: null says that the place was not seen running."""
    document = document_of(STORIES["sequential_io"]())
    del document["findings"][0]["share"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, report.schema())
