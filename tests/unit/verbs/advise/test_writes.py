"""Only what writes is called a write."""

from __future__ import annotations

import pytest
from advise_stories import DISK, FILE, NS, PY, heard, site_of, told

from iobound.model.breakdown import Wait
from iobound.model.diagnosis import Bound
from iobound.model.prediction import Strategy
from iobound.model.source_facts import CallFact
from iobound.verbs import advise


@pytest.mark.parametrize(
    ("name", "text", "writes"),
    [
        ("sqlite3.Connection.execute", "db.execute('select * from t where id = ?', (n,))", False),
        ("sqlite3.Connection.execute", "db.execute('INSERT INTO t VALUES (?)', (n,))", True),
        ("cursor.execute", 'cursor.execute(f"""\\n  update {table} set a = 1""")', True),
        ("cursor.execute", "cursor.execute(statement, row)", False),
        ("sqlite3.Cursor.executemany", "cursor.executemany(statement, rows)", True),
        ("io.IOBase.close", "file.close()", False),
        ("os.fsync", "os.fsync(file)", True),
    ],
)
def test_a_wait_for_the_disk_is_a_write_when_the_call_says_so(name, text, writes):
    wait = Wait(DISK, "/data/rows", 4 * NS, 4 * NS, 1500, FILE, 50)
    site = site_of(name, {DISK: 4.0, PY: 0.5}, 5.0, items=1500, line=50)
    run = told({DISK: 4.0, PY: 1.0}, sites=[site], waits=(wait,))
    recording = heard(calls={50: CallFact(name, text.replace("\\n", "\n"))})
    advice = advise.advise(run, recording, advise.verdict(run, recording), ())
    assert advise.verdict(run, recording).bound is Bound.IO
    assert any(each.strategy is Strategy.BATCH and "short writes" in each.reason for each in advice) == writes
